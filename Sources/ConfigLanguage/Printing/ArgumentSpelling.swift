/// An argument of a sample or an action: the other way round than `SampleCall`.
enum ArgumentSpelling {
    /// In quotes where it could be read as several.
    static func text(_ argument: String) -> String {
        guard argument.utf8.contains(where: " ,()\"'\\".utf8.contains) else { return argument }
        return "\"" + argument.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
    }
}
