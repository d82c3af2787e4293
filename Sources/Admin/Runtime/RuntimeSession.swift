/// One client of the runtime API; pure.
///
/// ```
///   show info; show stat\n          commands of one line: each is answered, with an empty line behind, and the connection ends
///   prompt\n                        … or it goes on, with "> " behind each answer
///   add map f <<\nk v\nk v\n\n      a payload: lines up to an empty one
/// ```
struct RuntimeSession: ControlDialogue {
    /// The most bytes of a line.
    static let lineLimit = 16_384
    /// The most bytes of a payload.
    static let payloadLimit = 4 * 1024 * 1024

    /// Answers a command.
    typealias Answer = @Sendable (RuntimeCall) -> String

    private var level: RuntimeLevel
    private let patience: Int64
    private let answer: Answer
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var sent = 0
    private var isInteractive = false
    private var isOver = false
    private var isFinished = false
    /// A line whose payload is not complete, and how much of it there is.
    private var pending: (line: [UInt8], payload: [UInt8])?
    private(set) var deadline: Int64

    /// A client of a level, given up after `patience` milliseconds in which nothing happens.
    init(_ level: RuntimeLevel, patience: Int64, now: Int64, answer: @escaping Answer) {
        self.level = level
        self.patience = patience
        self.answer = answer
        deadline = now + patience
    }

    var hasOutput: Bool { sent < output.count }
    var isEnded: Bool { isOver && !hasOutput }
    var unsent: ArraySlice<UInt8> { output[sent...] }

    mutating func receive(_ bytes: ArraySlice<UInt8>, now: Int64) {
        deadline = now + patience
        input += bytes
        readLines()
        if input.count > RuntimeSession.lineLimit { isOver = true }
    }

    mutating func advance(_ count: Int, now: Int64) {
        deadline = now + patience
        sent += count
        guard !hasOutput else { return }
        output = []
        sent = 0
        readLines()
    }

    /// What is complete is still answered.
    mutating func finish(now: Int64) -> Bool {
        isFinished = true
        isOver = true
        return hasOutput
    }

    /// All lines there are. The client is heard again when it has taken the answers.
    private mutating func readLines() {
        guard !isOver, !hasOutput else { return }
        var hasAnswered = false
        while !isOver, let end = input.firstIndex(of: UInt8(ascii: "\n")) {
            var line = Array(input[..<end])
            input.removeSubrange(...end)
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            hasAnswered = take(line) || hasAnswered
        }
        if hasAnswered, !isInteractive, pending == nil { isOver = true }
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
        for (place, words) in commands.enumerated() {
            if isOver { return }
            run(words, place == commands.count - 1 ? payload : nil)
        }
    }

    private mutating func run(_ words: [String], _ payload: [UInt8]?) {
        switch words.first {
        case "quit": return isOver = true
        case "prompt":
            isInteractive.toggle()
            say("")
        case "user": lower(to: .user)
        case "operator": lower(to: .operator)
        default: say(answer(RuntimeCall(words: words, payload: payload, level: level)))
        }
    }

    private mutating func lower(to wanted: RuntimeLevel) {
        guard level >= wanted else { return say("Permission denied\n") }
        level = wanted
        say("")
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
