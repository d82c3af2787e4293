/// The command line of haproxy (its management guide, section 3), for who starts this program under that name.
struct HAProxyArguments: Equatable {
    /// What is asked for.
    enum Job: Equatable {
        case serve
        /// `-c`.
        case check
        /// `-v`, and `-vv`.
        case version(isLong: Bool)
        /// `-cc`.
        case evaluate(String)
        /// `-h`, which haproxy takes for a mistake, as any word it does not know.
        case usage
    }

    /// Processes that this one takes over from: `-sf` and `-st`.
    struct Predecessors: Equatable {
        var processes: [Int32] = []
        /// Whether they finish what they have begun.
        var mayFinish = true
    }

    private(set) var job = Job.serve
    /// `-f`, and what stands behind `--`.
    private(set) var files: [String] = []
    /// `-C`.
    private(set) var folder: String?
    /// `-D`.
    private(set) var isDaemon = false
    /// `-W` and `-Ws`.
    private(set) var isMaster = false
    /// `-Ws`: the service manager is told when it runs.
    private(set) var notifies = false
    /// `-db` and `-d`: in the foreground, whatever the files say.
    private(set) var staysInForeground = false
    /// `-S`, each as it stands there: an address and options behind commas.
    private(set) var masterSockets: [String] = []
    /// `-p`.
    private(set) var processFile: String?
    private(set) var predecessors = Predecessors()
    /// `-x`: the old process's socket. Addresses are opened beside it, so nothing is asked of it.
    private(set) var previousSocket: String?
    /// `-n`.
    private(set) var maxConnections: Int?
    /// `-N`.
    private(set) var maxConnectionsOfProxies: Int?
    /// `-L`.
    private(set) var localPeer: String?
    /// `-q` and `-V`.
    private(set) var isQuiet = false
    private(set) var isVerbose = false
    /// `-dW`.
    private(set) var refusesWarnings = false
    /// `-dr`: servers whose names have no address are out of service.
    private(set) var toleratesUnknownNames = false
    /// What is accepted and does nothing here, with its reason.
    private(set) var idle: [String] = []

    /// Why words can not be understood, as a sentence.
    struct Mistake: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Whether the program was started under haproxy's name.
    static func isMeant(by program: String?) -> Bool {
        program?.split(separator: "/").last == "haproxy"
    }

    /// Reads the words behind the program's name.
    init(_ words: [String]) throws(Mistake) {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word != "--" else {
                files += rest
                break
            }
            guard word.hasPrefix("-"), word.count > 1 else {
                throw Mistake(description: "unexpected word '\(word)'; files stand behind -f or --")
            }
            try take(word, &rest)
        }
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>) throws(Mistake) {
        switch word {
        case "-v": job = .version(isLong: false)
        case "-vv": job = .version(isLong: true)
        case "-h", "--help", "-?": job = .usage
        case "-c": job = .check
        case "-cc": job = .evaluate(try value(of: word, &rest))
        case "-D": isDaemon = true
        case "-W": isMaster = true
        case "-Ws": (isMaster, notifies) = (true, true)
        case "-db", "-d": staysInForeground = true
        case "-q": isQuiet = true
        case "-V": isVerbose = true
        case "-dW": refusesWarnings = true
        case "-dr": toleratesUnknownNames = true
        case "-sf": predecessors = Predecessors(processes: HAProxyArguments.numbers(&rest))
        case "-st":
            predecessors = Predecessors(processes: HAProxyArguments.numbers(&rest), mayFinish: false)
        case "-f": files.append(try value(of: word, &rest))
        case "-C": folder = try value(of: word, &rest)
        case "-S": masterSockets.append(try value(of: word, &rest))
        case "-p": processFile = try value(of: word, &rest)
        case "-x": previousSocket = try value(of: word, &rest)
        case "-L": localPeer = try value(of: word, &rest)
        case "-n": maxConnections = try number(of: word, &rest)
        case "-N": maxConnectionsOfProxies = try number(of: word, &rest)
        case "-m":
            _ = try number(of: word, &rest)
            idle.append("-m: memory is bounded by the limits on connections and bodies")
        default: try takeIdle(word)
        }
    }

    /// Switches of haproxy's own parts, most of which are not here. Some have a value behind them in the same word.
    private mutating func takeIdle(_ word: String) throws(Mistake) {
        let known = [
            "-de", "-dp", "-dS", "-dG", "-dR", "-dV", "-dI", "-dZ", "-dk", "-ds", "-dC", "-dD",
            "-dF", "-dK", "-dL", "-dM", "-dt", "-dv", "-dc", "-da", "-4", "-6",
        ]
        guard known.contains(where: word.hasPrefix) else {
            throw Mistake(description: "unknown option '\(word)'")
        }
        idle.append("\(word): it changes nothing here")
    }

    private func value(of option: String, _ rest: inout ArraySlice<String>) throws(Mistake) -> String {
        guard let value = rest.popFirst() else {
            throw Mistake(description: "'\(option)': a value is missing")
        }
        return value
    }

    private func number(of option: String, _ rest: inout ArraySlice<String>) throws(Mistake) -> Int {
        let text = try value(of: option, &rest)
        guard let number = Int(text), number >= 0 else {
            throw Mistake(description: "'\(option)': '\(text)' is not a number")
        }
        return number
    }

    /// All numbers that follow.
    private static func numbers(_ rest: inout ArraySlice<String>) -> [Int32] {
        var numbers: [Int32] = []
        while let word = rest.first, let number = Int32(word), number > 0 {
            numbers.append(number)
            rest.removeFirst()
        }
        return numbers
    }
}
