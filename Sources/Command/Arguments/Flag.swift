/// One row of the flag table: everything parsing, the environment, `--help` and suggestions need to know of a flag.
struct Flag: Sendable {
    /// Without the leading `--`.
    let name: String
    /// The one-letter spelling, if it has one.
    let letter: Character?
    /// What its value looks like.
    let value: ValueForm
    /// The value when it is not given, as `--help` prints it; nil: there is none.
    let fallback: String?
    /// Whether each use adds a value; otherwise the last one wins.
    let isRepeatable: Bool
    /// The subcommands that take it.
    let subcommands: [Subcommand]
    /// One sentence for `--help`.
    let help: String

    init(
        _ name: String, _ value: ValueForm, of subcommands: [Subcommand], letter: Character? = nil,
        fallback: String? = nil, isRepeatable: Bool = false, _ help: String
    ) {
        self.name = name
        self.letter = letter
        self.value = value
        self.fallback = fallback
        self.isRepeatable = isRepeatable
        self.subcommands = subcommands
        self.help = help
    }

    /// The environment variable that stands in for the flag: `--http-port` reads `SLUICE_HTTP_PORT`.
    var variable: String { "SLUICE_" + name.uppercased().replacing("-", with: "_") }
}
