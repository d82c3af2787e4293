/// Ends the fuzzer with a sentence when what must hold does not; `precondition` has no sentence in optimised code.
func require(_ holds: Bool, _ sentence: @autoclosure () -> String) {
    guard !holds else { return }
    fatalError(sentence())
}
