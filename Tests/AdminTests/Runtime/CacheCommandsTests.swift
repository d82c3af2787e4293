import Engine
import Testing

@testable import Admin

@Suite("Runtime API: caches")
struct CacheCommandsTests {
    @Test("a line for each cache and each answer, as HAProxy has them")
    func text() {
        let one = CacheReport(
            name: "one", limit: 8_192, used: 3_000,
            answers: [
                .init(hash: 0x1_0000_0002, size: 1_025, seconds: 59),
                .init(hash: 255, variant: 3, size: 1_024, seconds: 0),
            ])
        let text = CacheCommands.text([one, CacheReport(name: "two", limit: 10, used: 20)])
        #expect(
            text == """
                0x1: one (shctx:0x1, available blocks:5)
                0x100000002 hash:2 vary:0x0 type:full size:1025 (2 blocks), refcount:0, expire:59
                0xff hash:255 vary:0x3 type:full size:1024 (1 blocks), refcount:0, expire:0
                0x2: two (shctx:0x2, available blocks:0)

                """)
        #expect(CacheCommands.text([]) == "")
    }

    @Test("what is kept is shown to administrators alone, as by HAProxy")
    func level() {
        #expect(CacheCommands { [] }.commands.map(\.level) == [.admin])
    }
}
