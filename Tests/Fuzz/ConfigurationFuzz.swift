import ConfigLanguage

/// Any bytes as a configuration file: reading is total, every finding has a line of the file and words.
@c(LLVMFuzzerTestOneInput)
public func fuzzConfiguration(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    let lines = 1 + input.count { $0 == 10 }
    let text = ConfigurationText.read(
        [ConfigurationFile(name: "a.cfg", bytes: input)],
        Surroundings(
            environment: ["A": "a b  c"], read: { _ in .file(Array("HTTP/1.0 503 x\n\n".utf8)) },
            resolve: { $0.utf8.count % 2 == 0 ? "192.0.2.1" : nil }))
    for finding in text.diagnostics {
        require(!finding.message.isEmpty, "a finding without words")
        let line = finding.location?.line ?? 0
        require((1...lines).contains(line), "line \(line) of \(lines)")
    }
    return 0
}
