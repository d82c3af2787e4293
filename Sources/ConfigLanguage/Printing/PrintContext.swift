import Model

/// What is common to all sections while a configuration is printed: how things are called, and what has been said so far.
final class PrintContext {
    let configuration: Configuration
    let global: GlobalSettings
    /// Where in files what it holds has come from; nil for a configuration that was no text.
    let files: FileSources?
    /// What could not be said, each with its section.
    var remarks: [String] = []
    /// Sections that are not there, each with the reason.
    private(set) var leftOut: [String] = []
    /// The lists that are asked, and how, in the order of the text.
    private(set) var asked: [(list: PatternListName, use: PatternUse)] = []
    /// The backends that samples ask for, in that order.
    private(set) var observed: [BackendName] = []
    /// What words that are in no line yet name.
    var mentions: [Mention] = []
    /// The statuses that routes answer with.
    private(set) var answers: Set<UInt16> = []
    private var names: [BackendName: String] = [:]

    /// What a line names that is numbered by the order of lines.
    enum Mention {
        case list(PatternListName, PatternUse)
        case backend(BackendName)
    }

    init(_ configuration: Configuration, _ global: GlobalSettings, _ files: FileSources?) {
        (self.configuration, self.global, self.files) = (configuration, global, files)
        var taken: Set<String> = []
        for name in configuration.backends.keys.sorted(by: { $0.description < $1.description }) {
            let plain = PrintContext.sectionName(name.description)
            var unique = plain
            var number = 2
            while !taken.insert(unique).inserted {
                unique = "\(plain).\(number)"
                number += 1
            }
            names[name] = unique
        }
    }

    /// Says why a section is not there.
    func leaveOut(_ sentence: String) {
        leftOut.append(sentence)
        remarks.append(sentence)
    }

    /// The backend that answers with a status.
    func answering(_ status: UInt16) -> String {
        answers.insert(status)
        return "answer_\(status)"
    }

    /// Whether it was read from text.
    var isOfText: Bool { files != nil }

    /// What a backend's section is called.
    func name(of backend: BackendName) -> String {
        names[backend] ?? PrintContext.sectionName(backend.description)
    }

    /// With `_` in place of what a section's name can not hold.
    static func sectionName(_ text: String) -> String {
        let bytes = text.utf8.map { byte -> UInt8 in
            let isLetter = (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
            return isLetter || "-_.:".utf8.contains(byte) ? byte : UInt8(ascii: "_")
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }

    /// An expression with lists of users under the names of their sections.
    func spelled(_ expression: Expression) -> String {
        guard !isOfText else { return expression.description }
        let fetch: Fetch =
            switch expression.fetch {
            case .authenticated(let list): .authenticated(list: PrintContext.sectionName(list))
            case .authenticatedGroups(let list): .authenticatedGroups(list: PrintContext.sectionName(list))
            default: expression.fetch
            }
        return ((try? Expression(fetch, expression.converters)) ?? expression).description
    }

    // MARK: Mentions

    /// A word that is being written names these.
    func mention(_ expression: Expression) {
        if case .ofBackend(let read) = expression.fetch { mentions.append(.backend(read.backend)) }
        for case .map(let lookup) in expression.converters { mentions.append(.list(lookup.list, lookup.use)) }
    }

    /// The same of a list.
    func mention(_ list: PatternListName, _ use: PatternUse) { mentions.append(.list(list, use)) }

    /// A line with those words has been written.
    func commit() {
        for mention in mentions {
            switch mention {
            case .backend(let name): if !observed.contains(name) { observed.append(name) }
            case .list(let list, let use):
                if !asked.contains(where: { $0.list == list && $0.use == use }) { asked.append((list, use)) }
            }
        }
        mentions = []
    }

    /// Whether whoever reads the text numbers lists, and looks at backends, as the configuration does.
    var isComplete: Bool {
        var order: [PatternListName] = []
        for (list, _) in asked where !order.contains(list) { order.append(list) }
        let numbers = configuration.patterns.allSatisfy { name, list in
            order.firstIndex(of: name) == list.id
                && Set(asked.filter { $0.list == name }.map(\.use)) == list.uses
        }
        let wanted = configuration.frontends.first?.observedBackends ?? observed
        return numbers && observed == wanted
    }
}
