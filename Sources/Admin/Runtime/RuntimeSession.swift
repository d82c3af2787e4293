/// One client of the runtime API; pure.
///
/// ```
///   show info; show stat\n          commands of one line: each is answered, with an empty line behind, and the connection ends
///   prompt\n                        … or it goes on, with "> " behind each answer
///   add map f <<\nk v\nk v\n\n      a payload: lines up to an empty one
///   wait 5s; show info\n          the next command, and the next line, after that time
/// ```
struct RuntimeSession: ControlDialogue {
    /// The most bytes of a line.
    static let lineLimit = 16_384
    /// The most bytes of a payload.
    static let payloadLimit = 4 * 1024 * 1024
    /// With so many bytes of answers unsent, further commands wait: a line has room for thousands of them.
    static let answerLimit = 256 * 1024

    /// Answers a command.
    typealias Answer = @Sendable (RuntimeCall) -> String

    private var level: RuntimeLevel
    private var patience: Int64
    private let answer: Answer
    private let wait: WaitCommand?
    private let exposesListeners: Bool
    private(set) var wantsListeners = false
    /// The modes of HAProxy's in which it allows what it would not else; nothing here depends on them.
    private var modes: Set<String> = []
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var sent = 0
    private var isInteractive = false
    private var isOver = false
    private var isFinished = false
    /// Whether commands may be left that wait until the client has taken answers.
    private var isHeld = false
    /// A line whose payload is not complete, and how much of it there is.
    private var pending: (line: [UInt8], payload: [UInt8])?
    /// What is waited for, and the commands that come then.
    private var waiting: RuntimeWait?
    private var queue: ArraySlice<(words: [String], payload: [UInt8]?)> = []
    private var now: Int64
    private(set) var deadline: Int64

    /// A client of a level, given up after `patience` milliseconds in which nothing happens.
    init(
        _ level: RuntimeLevel, patience: Int64, now: Int64, wait: WaitCommand? = nil,
        exposesListeners: Bool = false,
        answer: @escaping Answer
    ) {
        self.level = level
        self.patience = patience
        self.answer = answer
        (self.wait, self.exposesListeners) = (wait, exposesListeners)
        self.now = now
        deadline = now + patience
    }

    var wakeAt: Int64? { waiting?.wakeAt }
    var hears: Bool { !isFinished }
    var hasOutput: Bool { sent < output.count }
    var isEnded: Bool { isOver && !hasOutput && waiting == nil }
    var unsent: ArraySlice<UInt8> { output[sent...] }

    mutating func receive(_ bytes: ArraySlice<UInt8>, now: Int64) {
        setTime(now)
        input += bytes
        readLines()
        if input.count > RuntimeSession.lineLimit { (isOver, waiting) = (true, nil) }
    }

    mutating func advance(_ count: Int, now: Int64) {
        setTime(now)
        sent += count
        guard !hasOutput else { return }
        output = []
        sent = 0
        let wasHeld = isHeld
        isHeld = false
        runQueue()
        readLines(after: wasHeld)
        endIfFinished()
    }

    /// What is complete is still answered.
    mutating func finish(now: Int64) -> Bool {
        isFinished = true
        endIfFinished()
        return hasOutput || waiting != nil
    }

    mutating func wake(now: Int64) {
        setTime(now)
        guard let said = waiting?.look(now: now) else { return setTime(now) }
        waiting = nil
        say(said)
        runQueue()
        readLines(after: true)
        endIfFinished()
    }

    /// Nothing is left to be done for who says no more.
    private mutating func endIfFinished() {
        if isFinished, waiting == nil, !isHeld { isOver = true }
    }

    /// Whoever waits is not given up for it.
    private mutating func setTime(_ now: Int64) {
        self.now = now
        deadline = now + patience + (waiting.map { max(0, $0.wakeAt - now) } ?? 0)
    }

    /// All lines there are. The client is heard again when it has taken the answers.
    private mutating func readLines(after hasAnswered: Bool = false) {
        guard !isOver, hasAnswered || !hasOutput, waiting == nil else { return }
        var hasAnswered = hasAnswered
        while !isOver, waiting == nil, !isFull, let end = input.firstIndex(of: UInt8(ascii: "\n")) {
            var line = Array(input[..<end])
            input.removeSubrange(...end)
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            hasAnswered = take(line) || hasAnswered
        }
        isHeld = isFull && !isOver && waiting == nil
        if hasAnswered, !isInteractive, pending == nil, waiting == nil, !isHeld { isOver = true }
    }

    /// True if something was answered.
    private mutating func take(_ line: [UInt8]) -> Bool {
        if pending != nil, !line.isEmpty {
            pending?.payload += line
            pending?.payload.append(UInt8(ascii: "\n"))
            if let count = pending?.payload.count, count > RuntimeSession.payloadLimit { isOver = true }
            return false
        }
        if let (command, payload) = pending {
            pending = nil
            run(command, payload)
            return true
        }
        if let command = RuntimeSession.withoutMark(line) {
            pending = (command, [])
            return false
        }
        run(line, nil)
        return true
    }

    /// A line that ends with `<<`, without it.
    private static func withoutMark(_ line: [UInt8]) -> [UInt8]? {
        var text = line[...]
        while text.last == UInt8(ascii: " ") { text.removeLast() }
        guard text.suffix(2).elementsEqual("<<".utf8), text.count == 2 || text.dropLast(2).last == 0x20 else {
            return nil
        }
        return Array(text.dropLast(2))
    }

    /// Runs the commands of a line; a payload is the last one's.
    private mutating func run(_ line: [UInt8], _ payload: [UInt8]?) {
        var commands = RuntimeWords.commands(line)
        // A command has to stand there, but behind a separator at the end none.
        if commands.isEmpty { commands = [[]] }
        let last = commands.count - 1
        queue = commands.enumerated().map { ($1, $0 == last ? payload : nil) }[...]
        runQueue()
    }

    private var isFull: Bool { output.count >= RuntimeSession.answerLimit }

    private mutating func runQueue() {
        while !isOver, waiting == nil, !isFull, let (words, payload) = queue.popFirst() {
            run(words, payload)
        }
    }

    private mutating func run(_ words: [String], _ payload: [UInt8]?) {
        switch words.first {
        case "quit": return isOver = true
        case "_getsocks": (isOver, wantsListeners) = (true, exposesListeners)
        case "prompt":
            isInteractive.toggle()
            say("")
        case "user": lower(to: .user)
        case "operator": lower(to: .operator)
        case "expert-mode", "experimental-mode": switchMode(words)
        case "wait" where wait != nil: beginWait(words)
        case "set" where words.starts(with: ["set", "timeout"]): say(setPatience(words.dropFirst(2)))
        default: say(answer(RuntimeCall(words: words, payload: payload, level: level)))
        }
    }

    private mutating func lower(to wanted: RuntimeLevel) {
        guard level >= wanted else { return say("Permission denied\n") }
        level = wanted
        say("")
    }

    private mutating func switchMode(_ words: [String]) {
        guard level == .admin else { return say("Permission denied\n") }
        guard words.count > 1 else {
            return say("\(words[0]) is \(modes.contains(words[0]) ? "ON" : "OFF")\n")
        }
        if words[1] == "on" { modes.insert(words[0]) } else { modes.remove(words[0]) }
        say("")
    }

    private mutating func beginWait(_ words: [String]) {
        switch wait?.read(Array(words.dropFirst()), level) {
        case .said(let text): say(text)
        case .waiting(let time, let condition):
            var begun = RuntimeWait(time, now: now, until: condition)
            if let said = begun.look(now: now) { return say(said) }
            waiting = begun
            setTime(now)
        case nil: say("")
        }
    }

    /// `set timeout cli`: a bare number is seconds.
    private mutating func setPatience(_ words: ArraySlice<String>) -> String {
        guard words.first == "cli" else { return "'set timeout' only supports 'cli'.\n" }
        guard let text = words.dropFirst().first else { return "Expects an integer value.\n" }
        guard let time = RuntimeTime.milliseconds(text, unit: 1_000_000), time >= 1_000 else {
            return "Invalid timeout value.\n"
        }
        patience = time
        setTime(now)
        return ""
    }

    private mutating func say(_ text: String) {
        output += Array(text.utf8)
        output.append(UInt8(ascii: "\n"))
        if isInteractive { output += Array("> ".utf8) }
    }
}

/// A command as it was given.
struct RuntimeCall: Sendable {
    let words: [String]
    /// What stood behind it, if it said that something will.
    let payload: [UInt8]?
    let level: RuntimeLevel
}

/// How a line of the runtime API is read: blanks separate words and `;` commands; behind `\` any byte is itself.
enum RuntimeWords {
    static func commands(_ line: [UInt8]) -> [[String]] {
        var (commands, words, word): ([[String]], [String], [UInt8]) = ([], [], [])
        var isWord = false
        var rest = line[...]
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"):
                isWord = true
                if let next = rest.popFirst() { word.append(next) }
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: ";"):
                if isWord { words.append(text(word)) }
                (word, isWord) = ([], false)
                if byte == UInt8(ascii: ";") {
                    commands.append(words)
                    words = []
                }
            default:
                isWord = true
                word.append(byte)
            }
        }
        if isWord { words.append(text(word)) }
        // HAProxy asks what stands behind the last separator too.
        if !commands.isEmpty || !words.isEmpty { commands.append(words) }
        return commands
    }
}
