import ConfigLanguage
import Model

/// Any bytes as a file of patterns, with and without values, for every way of matching: reading is total, and what is refused is told at
/// the line that names the file.
@c(LLVMFuzzerTestOneInput)
public func fuzzPatterns(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    for use in uses {
        let lines = "frontend f\n mode http\n bind :80\n\(use)\n"
        let text = ConfigurationText.read(
            [ConfigurationFile(name: "a.cfg", bytes: Array(lines.utf8))],
            Surroundings(environment: [:], read: { _ in .file(input) }, resolve: { _ in nil }))
        for finding in text.diagnostics where finding.severity == .error {
            require(!finding.message.isEmpty, "a finding without words")
            require(finding.location?.line == 4, "\(finding.message) at another line")
        }
        for list in text.configuration.patterns.values {
            require(list.entries.allSatisfy { !$0.pattern.isEmpty }, "a pattern without bytes")
        }
    }
    return 0
}

private let uses =
    ["str", "beg", "end", "sub", "dir", "dom", "reg", "len"].map { " acl a path -m \($0) -f list" }
    + [
        " acl a src -f list", " acl a req.hdr_cnt(x) -f list", " acl a path -i -M -f list",
        " acl a path -m bin -f list",
    ]
    + ["map", "map_beg", "map_reg", "map_regm"].map {
        " http-request set-header x %[path,\($0)(list,none)]"
    }
    + [
        " http-request set-header x %[src,map_ip_int(list,7)]",
        " http-request set-header x %[req.hdr_cnt(x),map_int_ip(list)]",
    ]
