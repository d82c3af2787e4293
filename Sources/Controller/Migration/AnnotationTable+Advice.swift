/// What to write instead of annotations that nothing is done with.
extension AnnotationTable {
    /// In a sentence; nil where there is nothing.
    static func advice(on name: SettingName, saying value: String) -> String? {
        guard name.dialect == .nginx else { return nil }
        switch name.text {
        case "configuration-snippet":
            let advice = SnippetAdvice(of: value)
            return advice.isComplete ? advice.sentence : translation(of: value)
        case "server-snippet", "stream-snippet", "auth-snippet": return SnippetAdvice(of: value).sentence
        case "secure-backends": return "backend-protocol: \"HTTPS\""
        case "session-cookie-hash": return "nothing: cookies name servers by a digest"
        case "enable-modsecurity", "enable-owasp-core-rules", "modsecurity-snippet":
            return "keep a firewall for applications in front, or beside the servers"
        case "global-rate-limit": return "limit-rps or limit-rpm, counted by each replica"
        case "enable-opentracing": return "enable-opentelemetry"
        default: return nil
        }
    }

    /// What `--translate-snippets` makes of a snippet.
    private static func translation(of value: String) -> String {
        do throws(SnippetFlaw) {
            return "--translate-snippets makes rules of all of it: \(try SnippetReader.read(value).summary)"
        } catch {
            return "--translate-snippets does not take it, \(error.sentence)"
        }
    }

    /// Annotations that say the same in words that are taken here, where that is certain: nil takes one away.
    static func patch(of annotations: [String: String]) -> [String: String?] {
        var patch: [String: String?] = [:]
        for (key, value) in annotations {
            guard let name = AnnotationPrefix.name(of: key), name.dialect == .nginx else { continue }
            switch name.text {
            case "configuration-snippet":
                let advice = SnippetAdvice(of: value)
                guard advice.isComplete else { continue }
                patch.updateValue(nil, forKey: key)
                for (name, value) in advice.annotations
                where annotations[AnnotationPrefix.nginx + name] == nil {
                    patch[AnnotationPrefix.nginx + name] = value
                }
            case "secure-backends" where value == "true":
                patch.updateValue(nil, forKey: key)
                if annotations[AnnotationPrefix.nginx + "backend-protocol"] == nil {
                    patch[AnnotationPrefix.nginx + "backend-protocol"] = "HTTPS"
                }
            case _ where removed.contains(where: { $0.setting.names.contains(name) }):
                patch.updateValue(nil, forKey: key)
            default: break
            }
        }
        return patch
    }
}
