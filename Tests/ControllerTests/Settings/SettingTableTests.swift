import Model
import Testing

@testable import Controller

@Suite struct SettingTableTests {
    private struct Target: Sendable, Equatable {
        var timeout = 1
        var size: Int64 = 2
    }

    private let table = SettingTable<Target>([
        SettingRow(
            .own("timeout"), .nginx("read-timeout"), .haproxy("timeout-server"), form: .duration(),
            fallback: "1ms", "How long."
        ) { $0.timeout = $1 },
        SettingRow(.own("size"), form: .size(), fallback: "2", "How much.") { $0.size = $1 },
        SettingRow(withoutMeaning: .nginx("worker-cpu-affinity"), because: "workers are threads"),
    ])

    private func take(_ values: [String: String]) -> (Target, [SettingProblem]) {
        var target = Target()
        let problems = table.take(values, into: &target)
        return (target, problems)
    }

    @Test("a setting is taken over by any of its names, each with its own meaning of a bare number")
    func names() {
        #expect(take(["timeout": "3s"]).0.timeout == 3_000)
        #expect(take(["read-timeout": "3"]).0.timeout == 3_000)
        #expect(take(["timeout-server": "3"]).0.timeout == 3)
    }

    @Test("a bad value is left out and reported, the rest applies")
    func badValue() {
        let (target, problems) = take(["timeout": "soon", "size": "8k"])
        #expect(target == Target(timeout: 1, size: 8_192))
        #expect(problems.map(\.reason) == ["SettingInvalid"])
        #expect(problems.first?.severity == .error)
        #expect(
            problems.first?.message
                == "\"soon\" is not a time such as 500ms, 10s, 5m or 1h; it is left out")
    }

    @Test("our own name counts before the others'")
    func ownFirst() {
        let (target, problems) = take(["read-timeout": "5", "timeout": "3s"])
        #expect(target.timeout == 3_000)
        #expect(problems == [SettingProblem("read-timeout", .shadowed(by: "timeout"))])
    }

    @Test("another's name counts where our own value is bad")
    func badOwn() {
        let (target, problems) = take(["read-timeout": "5", "timeout": "x"])
        #expect(target.timeout == 5_000)
        #expect(problems.map(\.name) == ["timeout"])
    }

    @Test("a name that nobody knows is reported with the nearest there is, if it is near")
    func unknown() {
        #expect(take(["tiemout": "3s"]).1 == [SettingProblem("tiemout", .unknown(nearest: "timeout"))])
        #expect(
            take(["something-else-entirely": "3s"]).1.first?.message == "there is no such setting")
    }

    @Test("what means nothing here is accepted and said")
    func withoutMeaning() {
        let problems = take(["worker-cpu-affinity": "auto"]).1
        #expect(problems.map(\.severity) == [.warning])
        #expect(problems.first?.message == "it does nothing here: workers are threads")
    }

    @Test("a foreign value is told in one short line")
    func excerpts() {
        let value = String(repeating: "a\n", count: 4_000)
        let message = take(["size": value]).1.first?.message ?? ""
        #expect(message.count < 200 && !message.contains("\n"))
    }
}
