/// The words that start ingress-nginx's controller, taken apart as Go's flags are: `--name value`, `--name=value`, and switches.
public struct NginxArguments: Sendable, Equatable {
    /// The flags in their order; a switch without a value is `true`.
    public private(set) var words: [(name: String, value: String)] = []
    /// What is no flag.
    public private(set) var strays: [String] = []

    /// Takes apart the words behind the program's name.
    public init(_ words: some Sequence<String>) {
        var rest = Array(words)[...]
        while let word = rest.popFirst() {
            let bare = word.drop { $0 == "-" }
            guard word.hasPrefix("-"), !bare.isEmpty else {
                strays.append(word)
                continue
            }
            if let equals = bare.firstIndex(of: "=") {
                self.words.append((String(bare[..<equals]), String(bare[bare.index(after: equals)...])))
                continue
            }
            let name = String(bare)
            let isSwitch = NginxFlagTable.flag(name)?.isSwitch ?? (rest.first?.hasPrefix("-") ?? true)
            self.words.append((name, isSwitch ? "true" : rest.popFirst() ?? ""))
        }
    }

    /// The same of a container's whole command; nil if it starts something else. `dumb-init` and the like may stand before.
    public init?(ofCommand command: [String]) {
        guard let start = command.firstIndex(where: NginxArguments.isProgram) else { return nil }
        self.init(command[(start + 1)...])
    }

    /// Whether a word is the program, with or without a folder.
    public static func isProgram(_ word: String) -> Bool {
        word.split(separator: "/").last == "nginx-ingress-controller"
    }

    /// The last value of a flag.
    public func value(_ name: String) -> String? { words.last { $0.name == name }?.value }

    /// Same words.
    public static func == (left: NginxArguments, right: NginxArguments) -> Bool {
        left.strays == right.strays && left.words.elementsEqual(right.words) { $0 == $1 }
    }
}
