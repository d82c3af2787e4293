@testable import Controller

/// `docs/annotations.md`, made from the table.
enum AnnotationDocument {
    static var text: String {
        let honoured = AnnotationTable.rows.filter { $0.setting.hasMeaning }
        let others = AnnotationTable.rows.filter { !$0.setting.hasMeaning }
        return head + honoured.map(line).joined() + rest + others.map(shortLine).joined()
    }

    private static let head = """
        # Annotations of Ingresses

        Made from the table in `Sources/Controller/Annotations`; a test holds it current. An annotation is read under three
        prefixes: `sluice.dev/`, `nginx.ingress.kubernetes.io/` and `haproxy.org/`. Of two that say the same the first of these
        counts. An empty value is none.

        What is wrong with an annotation is told by `sluice check`, at `/api/diagnostics` and as Events of the Ingress. A value
        that is not of its type *leaves the Ingress out* (its paths are answered as if it were not there) or *is ignored*, as the
        table says; what guarded paths and can not be used *closes* them: they are answered 503. Unknown annotations under
        these prefixes are warned of.

        The order is ingress-nginx's: body size, redirects, redirect to HTTPS, 503 without servers, limits, deny and allow
        lists, server, changes of the answer.

        ## Honoured

        | annotation | type, default | what it does | a bad value | as elsewhere? |
        | --- | --- | --- | --- | --- |

        """

    private static let rest = """

        ## Known, and not honoured

        | annotation | why | what becomes of the Ingress |
        | --- | --- | --- |

        """

    private static func line(_ row: AnnotationRow) -> String {
        let type =
            row.setting.fallback.isEmpty ? row.setting.type : "\(row.setting.type), \(row.setting.fallback)"
        let bad = row.whenInvalid == .fallsBack ? "is ignored" : words(row.whenInvalid)
        return "| \(names(row)) | \(type) | \(row.setting.sentence) | \(bad) | \(standing(row)) |\n"
    }

    private static func standing(_ row: AnnotationRow) -> String {
        if case .differs(let how) = row.standing { return "differs: \(how)" }
        return "yes"
    }

    private static func shortLine(_ row: AnnotationRow) -> String {
        switch row.standing {
        case .refused(let why, let outcome): "| \(names(row)) | refused: \(why) | \(words(outcome)) |\n"
        case .honoured, .differs: ""
        }
    }

    private static func words(_ outcome: AnnotationRow.Failure) -> String {
        switch outcome {
        case .leavesIngressOut: "is left out"
        case .refusesPaths: "its paths are closed"
        case .fallsBack: "served without it"
        }
    }

    /// ingress-nginx's name alone where ours is the same.
    private static func names(_ row: AnnotationRow) -> String {
        row.setting.names.filter { name in
            name.dialect != .sluice
                || !row.setting.names.contains(.nginx(name.text))
                    && !row.setting.names.contains(.haproxy(name.text))
        }.map { "`\($0.dialect == .haproxy ? AnnotationPrefix.haproxy : "")\($0.text)`" }.joined(
            separator: ", ")
    }
}
