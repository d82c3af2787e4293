/// One row of a table of settings: everything that parsing, diagnostics and documentation need to know of one.
///
/// `Target` is what a value is written into. Keys of the ConfigMap and annotations are rows of the same type with other targets.
struct SettingRow<Target>: Sendable {
    /// What it is called; documentation lists it under the first.
    let names: [SettingName]
    /// What documentation says of its values.
    let type: String
    /// What a refused value should have been.
    let expectation: String
    /// What holds without it, as documentation prints it.
    let fallback: String
    /// What it does, for documentation.
    let sentence: String
    /// Whether it does here what it does elsewhere.
    private(set) var standing: SettingStanding
    private let meaning: Meaning
    /// What a bad value does, where leaving it out would open what it was to guard.
    private let spoil: (@Sendable (inout Target) -> Void)?

    private enum Meaning: Sendable {
        /// Writes a value into the target; false if the text is not of the form.
        case value(@Sendable (String, SettingName.Dialect, inout Target) -> Bool)
        /// Known elsewhere, without a meaning here.
        case nothing
    }

    /// A setting with a value of a form, and where it goes. A bad value is left out, or does what `whenBad` says.
    init<Value: Sendable>(
        _ names: SettingName..., form: SettingForm<Value>, fallback: String, _ sentence: String,
        whenBad spoil: (@Sendable (inout Target) -> Void)? = nil,
        put: @escaping @Sendable (inout Target, Value) -> Void
    ) {
        self.init(names, form: form, fallback: fallback, sentence, whenBad: spoil, put: put)
    }

    /// The same with a list of names.
    init<Value: Sendable>(
        _ names: [SettingName], form: SettingForm<Value>, fallback: String, _ sentence: String,
        whenBad spoil: (@Sendable (inout Target) -> Void)? = nil,
        put: @escaping @Sendable (inout Target, Value) -> Void
    ) {
        self.names = names
        self.spoil = spoil
        (type, expectation, self.fallback, self.sentence) = (form.type, form.expectation, fallback, sentence)
        standing = .honoured
        meaning = .value { text, dialect, target in
            guard let value = form.read(text, as: dialect) else { return false }
            put(&target, value)
            return true
        }
    }

    /// Settings of others that are accepted and do nothing, and why.
    init(withoutMeaning names: SettingName..., because sentence: String) {
        self.init(names, .needless(sentence), sentence)
    }

    private init(_ names: [SettingName], _ standing: SettingStanding, _ sentence: String) {
        (self.names, self.standing, self.sentence, spoil) = (names, standing, sentence, nil)
        (type, expectation, fallback) = ("", "", "")
        meaning = .nothing
    }

    /// The same, where another's word does not do quite what it does there: `how` says what is different.
    func differing(_ how: String) -> SettingRow {
        var row = self
        row.standing = .differs(how)
        return row
    }

    /// The same, where it is never going to be: something of an installation gets lost.
    func refusing() -> SettingRow {
        var row = self
        row.standing = .refused(sentence)
        return row
    }

    /// Whether it does anything.
    var hasMeaning: Bool {
        switch meaning {
        case .value: true
        case .nothing: false
        }
    }

    /// Takes a value over; what is wrong with it otherwise.
    func take(_ text: String, as name: SettingName, into target: inout Target) -> SettingProblem? {
        switch meaning {
        case .nothing: return SettingProblem(name.text, .withoutMeaning(sentence))
        case .value(let put):
            if put(text, name.dialect, &target) { return nil }
            spoil?(&target)
            return SettingProblem(
                name.text, .notOfForm(text, expected: expectation, isGuard: spoil != nil))
        }
    }
}
