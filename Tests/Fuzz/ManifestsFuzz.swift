import Kubernetes

/// Any bytes as a file of manifests, YAML or JSON: reading is total, and every finding has a line of the file.
@c(LLVMFuzzerTestOneInput)
public func fuzzManifests(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    // YAML ends lines at CR, NEL, LS and PS too, so there may be as many as bytes.
    let lines = 1 + input.count
    for name in ["a.yaml", "a.json"] {
        let file = ManifestFile(reading: input, name: name)
        for problem in file.problems {
            require((1...lines).contains(problem.line), "line \(problem.line) of \(lines)")
            require(!problem.message.isEmpty, "a finding without words")
        }
    }
    return 0
}
