import Model

/// Which lines count: the nesting of `.if`, `.elif`, `.else` and `.endif`.
struct ConditionalBlocks {
    /// What is known of each open block, the innermost last.
    private var blocks: [Block] = []

    private struct Block {
        var line: SourceLocation
        /// Whether one of its branches has counted already, or none may.
        var isDecided: Bool
        /// Whether its present branch counts.
        var isTaken: Bool
        var hasElse = false
    }

    /// Whether lines count here.
    var areLinesTaken: Bool { blocks.allSatisfy { $0.isTaken } }

    /// Whether a condition of `.elif` is looked at: only if no branch before it has counted.
    var isUndecided: Bool { blocks.dropLast().allSatisfy { $0.isTaken } && blocks.last?.isDecided == false }

    /// `.if`: `holds` is asked only where lines count.
    mutating func begin<Failure>(
        _ line: SourceLocation, _ holds: () throws(Failure) -> Bool
    ) throws(Failure) {
        guard areLinesTaken else {
            return blocks.append(Block(line: line, isDecided: true, isTaken: false))
        }
        // A condition that can not be read takes no branch.
        blocks.append(Block(line: line, isDecided: true, isTaken: false))
        let isTaken = try holds()
        blocks[blocks.count - 1].isDecided = isTaken
        blocks[blocks.count - 1].isTaken = isTaken
    }

    /// `.elif`; a sentence if it has no place here.
    mutating func otherwise<Failure>(
        if holds: () throws(Failure) -> Bool
    ) throws(Failure) -> String? {
        guard let block = blocks.last else { return "there is no '.if' before it" }
        guard !block.hasElse else { return "'.else' was the last branch" }
        let asks = isUndecided
        blocks[blocks.count - 1].isTaken = false
        guard asks else { return nil }
        let isTaken = try holds()
        blocks[blocks.count - 1].isTaken = isTaken
        blocks[blocks.count - 1].isDecided = isTaken
        return nil
    }

    /// `.else`; a sentence if it has no place here.
    mutating func otherwise() -> String? {
        guard let block = blocks.last else { return "there is no '.if' before it" }
        guard !block.hasElse else { return "'.else' was the last branch" }
        let isTaken = isUndecided
        blocks[blocks.count - 1].isTaken = isTaken
        blocks[blocks.count - 1].isDecided = true
        blocks[blocks.count - 1].hasElse = true
        return nil
    }

    /// `.endif`; a sentence if it has no place here.
    mutating func end() -> String? { blocks.popLast() == nil ? "there is no '.if' before it" : nil }

    /// At the end of a file nothing may be open: where the innermost open block began.
    mutating func finish() -> SourceLocation? {
        defer { blocks = [] }
        return blocks.last?.line
    }
}
