/// Keys of the ConfigMap about fields of messages, most of which other ConfigMaps hold.
extension TrafficTable {
    static let fields: [Row] = [
        Row(
            .own("add-headers"), .nginx("add-headers"), form: .object, fallback: "none",
            "Another ConfigMap, `namespace/name`, whose keys are the names of fields that every answer has, ours too. Variables such as `$host` may stand in values; an empty value takes a field away. Fields that can not be used are told of and left out."
        ) { $0.fields.answeredSource = $1 }
        .differing("variables of an Ingress (`$namespace`, `$service_name`) leave the field out"),
        Row(
            .own("proxy-set-headers"), .nginx("proxy-set-headers"), form: .object, fallback: "none",
            "The same of the fields that servers are asked with."
        ) { $0.fields.askedSource = $1 }
        .differing(
            "as `add-headers`; `Host` and fields about clients (`X-Forwarded-For` and its like, `X-Real-IP`) stay as they are"
        ),
        Row(
            .own("global-allowed-response-headers"), .nginx("global-allowed-response-headers"),
            form: SettingForm<String>.fieldName.list(of: "names of fields"), fallback: "none",
            "The fields that the annotation `custom-headers` may set."
        ) { settings, names in settings.fields.allowed = Set(names.map { $0.lowercased() }) },
    ]
}
