import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Accept-Encoding")
struct CompressionAcceptanceTests {
    private static let all: [CompressionAlgorithm] = [.brotli, .zstd, .gzip, .deflate]

    private func chosen(
        _ values: [String], agent: String? = nil, _ algorithms: [CompressionAlgorithm] = all
    ) -> ContentCoding? {
        var accepted = AcceptedCodings()
        for value in values {
            "accept-encoding".withView { name in value.withView { accepted.see(name, $0) } }
        }
        if let agent { "User-Agent".withView { name in agent.withView { accepted.see(name, $0) } } }
        return CompressionPolicy(Compression(algorithms: algorithms)).choose(accepted)
    }

    @Test(
        "what the client likes best is chosen, and of that the first of the configuration",
        arguments: [
            ("gzip", .gzip), ("gzip, deflate, br, zstd", .brotli), ("gzip, deflate, zstd", .zstd),
            ("gzip, deflate", .gzip), ("deflate", .deflate), ("br;q=0.5, gzip", .gzip),
            ("br;q=0.5, gzip;q=0.4", .brotli),
            ("gzip;q=0.001", .gzip), ("GZip", .gzip), ("x-gzip", .gzip), ("gzip ; q=1", .gzip),
            ("gzip;q=1.000", .gzip), ("gzip;q=1.", .gzip),
            ("gzip;Q=0.5", .gzip), ("gzip;a=b;q=0.5", .gzip), ("gzip;a=b", .gzip), ("\tgzip\t", .gzip),
            (",,gzip,,", .gzip),
            ("*", .brotli), ("*;q=0.1", .brotli), ("br;q=0, *", .zstd),
            ("br;q=0, zstd;q=0, *;q=0.5, gzip;q=0.4", .deflate),
            ("*;q=0, gzip;q=0.750, deflate;q=0.500", .gzip), ("gzip;q=0, gzip;q=0.5", .gzip),
            ("gzip;", .gzip),
            ("identity, gzip", .gzip), ("identity;q=0.5, gzip;q=0.5", .gzip),
            ("identity;q=0, gzip;q=0.1", .gzip),
        ] as [(String, ContentCoding)])
    func accepted(value: String, coding: ContentCoding) { #expect(chosen([value]) == coding) }

    @Test(
        "nothing is chosen where nothing of ours is wanted, or the body as it is is wanted more",
        arguments: [
            "", "identity", "invalid", "gzip;q=0", "gzip;q=0.0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *;q=0",
            "compress",
            "gzipx", "xgzip", "gzip x", "gzip;q=2", "gzip;q=1.001", "gzip;q=0.1234", "gzip;q=", "gzip;q=x",
            "gzip;q=-1",
            "gzip;q=.5", "gzip;q=0,5x", "gzip;q=\"1\"", "identity, gzip;q=0.5", "identity;q=0.6, *;q=0.5",
            "\"gzip\"",
        ])
    func refused(value: String) { #expect(chosen([value]) == nil) }

    @Test("several fields are one list")
    func severalFields() {
        #expect(chosen(["deflate;q=0.5", "gzip;q=0.6"]) == .gzip)
        #expect(chosen([]) == nil)
    }

    @Test("only what is configured is chosen, in its order and variant")
    func configuration() {
        #expect(chosen(["gzip, deflate, br, zstd"], [.gzip]) == .gzip)
        #expect(chosen(["gzip, deflate, br, zstd"], [.deflate, .gzip]) == .deflate)
        #expect(chosen(["deflate"], [.rawDeflate]) == .rawDeflate)
        #expect(chosen(["br"], [.gzip]) == nil)
        #expect(chosen(["*"], []) == nil)
    }

    @Test(
        "old browsers that compress badly get bodies as they are",
        arguments: [
            "Mozilla/4", "Mozilla/4.0", "Mozilla/4.0 (compatible; MSIE 5.5; Windows NT 5.0)",
            "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)", "Mozilla/4.7 [en] (WinNT; I; Nav)",
            "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.0; xx)",
        ])
    func oldBrowsers(agent: String) { #expect(chosen(["gzip"], agent: agent) == nil) }

    @Test(
        "later ones do not",
        arguments: [
            "Mozilla/5.0", "curl/8", "", "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1)",
            "Mozilla/4.0 (compatible; MSIE 8.0; x)",
            "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)",
        ])
    func newBrowsers(agent: String) { #expect(chosen(["gzip"], agent: agent) == .gzip) }
}
