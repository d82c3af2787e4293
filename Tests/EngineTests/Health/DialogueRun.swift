import Basics

@testable import Engine

/// A dialogue with a scripted server: what it was sent, and how it ended.
struct DialogueRun {
    var sent: [UInt8] = []
    var result: CheckResult?

    /// Feeds `pieces` as they would arrive; then, with `closes`, the server ends its side.
    init(_ dialogue: any CheckDialogue, _ pieces: [[UInt8]], closes: Bool = false) {
        take(dialogue.begin())
        var waiting = Buffer(capacity: CheckInput.limit)
        for piece in pieces where result == nil {
            for part in stride(from: 0, to: piece.count, by: 4_096) {
                guard result == nil else { return }
                let end = min(piece.count, part + 4_096)
                waiting.compact()
                let fits = Array(piece[part..<end]).withView { waiting.append($0) }
                show(dialogue, &waiting, isLast: !fits)
            }
        }
        if closes, result == nil { show(dialogue, &waiting, isLast: true) }
    }

    init(_ dialogue: any CheckDialogue, _ text: String, closes: Bool = false) {
        self.init(dialogue, [Array(text.utf8)], closes: closes)
    }

    /// One byte at a time.
    static func bytewise(_ dialogue: any CheckDialogue, _ bytes: [UInt8], closes: Bool = false) -> DialogueRun
    {
        DialogueRun(dialogue, bytes.map { [$0] }, closes: closes)
    }

    private mutating func show(_ dialogue: any CheckDialogue, _ waiting: inout Buffer, isLast: Bool) {
        while result == nil {
            var input = CheckInput(waiting.view, isLast: isLast)
            let step = dialogue.read(&input)
            waiting.consume(input.taken)
            take(step)
            if input.taken == 0 || waiting.isEmpty { return }
        }
    }

    private mutating func take(_ step: CheckStep) {
        sent += step.bytes
        result = result ?? step.result
    }

    var sentText: String { String(decoding: sent, as: UTF8.self) }
}

/// Bytes that are the same every time, and look like nothing.
func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = RandomNumbers(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 32) }
}
