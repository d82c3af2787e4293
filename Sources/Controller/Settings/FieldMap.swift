import Model

/// Fields that a ConfigMap holds: each key is a name, and what stands behind it the value.
struct FieldMap: Sendable, Equatable {
    /// By name.
    private(set) var fields: [Field] = []
    /// What is wrong with others, which are left out.
    private(set) var flaws: [Flaw] = []

    struct Field: Sendable, Equatable {
        var name: String
        /// An empty one is no such field at all.
        var value: NginxTemplate
    }

    struct Flaw: Error, Sendable, Equatable {
        var key: String
        var message: String
    }

    /// What a `$` in a value is.
    enum Variables: Sendable {
        /// A character as any other.
        case none
        /// The beginning of a variable about a request.
        case ofRequests
        /// The same, or one about the Ingress.
        case all
    }

    private static let most = 64

    /// No fields.
    init() {}

    /// Reads what a ConfigMap holds. Each field is judged by itself.
    init(_ data: [String: String], _ variables: Variables) {
        for (key, value) in data.sorted(by: { $0.key < $1.key }) {
            do throws(Flaw) {
                let field = try FieldMap.read(key, SettingText.trimmed(value), variables)
                guard fields.count < FieldMap.most else {
                    throw Flaw(key: key, message: "there are more than \(FieldMap.most) fields")
                }
                fields.append(field)
            } catch { flaws.append(error) }
        }
    }

    private static func read(_ key: String, _ value: String, _ variables: Variables) throws(Flaw) -> Field {
        guard let name = SettingForm<String>.fieldName.read(key), name == key else {
            throw Flaw(key: key, message: "it is not the name of a field")
        }
        guard !SettingText.framingFields.contains(name.lowercased()), name.lowercased() != "host" else {
            throw Flaw(key: key, message: "the field tells how a message is sent, or to whom")
        }
        let template = variables == .none ? NginxTemplate(plain: value) : NginxTemplate(value)
        guard let template else {
            let what = variables == .none ? "" : ", or has a variable that is not known"
            throw Flaw(key: key, message: "its value is no text of a line of 4,096 bytes at most\(what)")
        }
        if variables == .ofRequests, template.namesIngress {
            throw Flaw(key: key, message: "it has a variable of Ingresses, and is about all of them")
        }
        return Field(name: name, value: template)
    }

    /// What sets them, for an Ingress's path.
    func rules(_ names: TemplateNames = TemplateNames()) -> [HTTPRule] {
        fields.map { field in
            field.value.isEmpty
                ? HTTPRule(.change(.removeFields(.text(.exact, field.name))))
                : HTTPRule(.change(.setField(field.name, field.value.format(names))))
        }
    }
}
