@testable import Controller

/// `docs/ingress-nginx.md`, made from the tables.
enum NginxDocument {
    static var text: String {
        head + annotations + keys + flags + differences + silences
    }

    private static let head = """
        # Coming from ingress-nginx

        Made from the tables that read annotations, settings and flags (`Sources/Controller/Annotations`, `Settings`, `Migration`); a
        test holds it current. What of your own installation is kept:

        ```
        sluice migrate manifests/                        # folders and files, several documents each
        helm get manifest ingress-nginx | sluice migrate -
        sluice migrate --kubeconfig ~/.kube/config       # a cluster; it is only read
        sluice migrate -o html manifests/ > report.html  # text, json or html
        sluice migrate --write patches/ manifests/       # what can be said in other words, for kubectl patch
        ```

        Exit code: 0 if all of it is kept (*honoured*, *differs*, *not needed*), 1 if something is *not yet* here, *refused*, *invalid*
        or *unknown*, or could not be read; 2 for a command line that is wrong. No value of an annotation that can be read, of a
        ConfigMap or of a flag stands in a report.

        ## Taking over

        1. `sluice migrate` says what gets lost; `sluice explain HOST/PATH manifests/` says what serves a request.
        2. Run Sluice beside ingress-nginx with its class and without writing any status: `sluice controller --controller-name
           k8s.io/ingress-nginx --ingress-class nginx`, no `--publish-service`. ingress-nginx's own arguments do as well, but for
           `--publish-service`: `sluice nginx-ingress-controller --configmap=... --ingress-class=nginx`. Its ports are 80 and 443 then.
        3. `sluice migrate --compare URL_A URL_B` asks both for the same. Then let the Service, or the DNS record, lead to Sluice's pods.
        4. Stop ingress-nginx, keep its IngressClass, and give Sluice `--publish-service`. The way back is the Service's selector.

        An Ingress that leaves things unsaid is served as the [last table](#what-no-annotation-says) has it.


        """

    // MARK: Annotations

    private static var annotations: String {
        let rows = AnnotationTable.rows.filter { row in row.setting.names.contains { $0.dialect == .nginx } }
        var text =
            "## Annotations\n\n\(NginxTiers.sentence)\n\n| annotation | here | how it differs, or why it is not honoured |\n| --- | --- | --- |\n"
        for row in rows {
            let names = row.setting.names.filter { $0.dialect == .nginx }.map { "`\($0.text)`" }
            text += "| \(names.joined(separator: ", ")) | \(standing(row)) |\n"
        }
        return text + "\n"
    }

    private static func standing(_ row: AnnotationRow) -> String {
        switch row.standing {
        case .honoured: "honoured | "
        case .differs(let how): "differs | \(how)"
        case .refused(let why, _) where row.isNeedless: "not needed | \(why)"
        case .refused(let why, let outcome): "refused | \(why)\(words(outcome))"
        }
    }

    private static func words(_ outcome: AnnotationRow.Failure) -> String {
        switch outcome {
        case .fallsBack: ""
        case .refusesPaths: "; the Ingress's paths are answered 503"
        case .leavesIngressOut: "; the Ingress is left out"
        }
    }

    // MARK: Settings

    /// The keys of ingress-nginx's ConfigMap, also where a word of ours is the same.
    static let keys: String = {
        var text =
            "## Keys of the ConfigMap\n\n| key | here | how it differs, or why it is not honoured |\n| --- | --- | --- |\n"
        for row in TrafficTable.table.rows {
            let names = row.names.filter { $0.dialect == .nginx || NginxReference.keys.contains($0.text) }
            guard !names.isEmpty else { continue }
            let list = Set(names.map(\.text)).sorted().map { "`\($0)`" }.joined(separator: ", ")
            text += "| \(list) | \(standing(row.standing)) |\n"
        }
        return text + "\n"
    }()

    private static func standing(_ standing: SettingStanding) -> String {
        switch standing {
        case .honoured: "honoured | "
        case .differs(let how): "differs | \(how)"
        case .needless(let why): "not needed | \(why)"
        case .refused(let why): "refused | \(why)"
        }
    }

    // MARK: Flags

    private static var flags: String {
        var text =
            "## Flags\n\nUnder the name `nginx-ingress-controller` (a link, or the first argument) they are taken as they are; what does\n"
            + "nothing is told in one line. What would open something by doing nothing is refused.\n\n"
            + "| flag | here | what it is called, or why it does nothing |\n| --- | --- | --- |\n"
        for flag in NginxFlagTable.flags {
            let verdict =
                flag.verdict == .needless
                ? "not needed" : flag.verdict == .pending ? "not yet" : flag.verdict.rawValue
            text += "| `--\(flag.name)` | \(verdict) | \(flag.note) |\n"
        }
        return text + "\n"
    }

    // MARK: What had to be guessed

    private static var silences: String {
        var text =
            "\n## Where nothing is said\n\nOf these corners no documentation says what ingress-nginx does. Each is a case of the tables of behaviour in `Tests/Scenarios` by these names.\n\n| annotation or key | corner | taken here to mean |\n| --- | --- | --- |\n"
        for silence in NginxSilence.all {
            text += "| `\(silence.annotation)` | \(silence.corner) | \(silence.taken) |\n"
        }
        return text
    }

    private static var differences: String {
        var text =
            "## What no annotation says\n\nWith `--defaults nginx`, which the name `nginx-ingress-controller` brings, these are as there: \(usual).\n\n| | ingress-nginx | Sluice | who relies on it |\n| --- | --- | --- | --- |\n"
        for row in NginxDifference.all {
            text += "| \(row.subject) | \(row.there) | \(row.here) | \(row.remedy) |\n"
        }
        return text
    }

    private static var usual: String {
        UsualSettings.nginx.data.sorted { $0.key < $1.key }.map { "`\($0.key): \($0.value)`" }
            .joined(separator: ", ")
    }
}
