import Model
import Testing

@testable import Controller

@Suite struct ExpiryWatchTests {
    private static let day: Int64 = 86_400
    private static let today: Int64 = 1_800_000_000
    private let name = CertificateName("shop/pair")

    private func watch(endingIn seconds: Int64) -> ExpiryWatch {
        var watch = ExpiryWatch()
        watch.note([name], ends: [name: Self.today + seconds])
        watch.look(today: Self.today, now: 5)
        return watch
    }

    @Test(
        "a certificate is told of when less than 14 days are left, and otherwise when none are",
        arguments: [
            (30 * day, []), (14 * day, []), (14 * day - 1, ["CertificateExpiring"]),
            (1, ["CertificateExpiring"]), (0, ["CertificateExpired"]), (-day, ["CertificateExpired"]),
        ] as [(Int64, [String])])
    func reasons(left: Int64, expected: [String]) {
        #expect(watch(endingIn: left).diagnostics.map(\.reason) == expected)
    }

    @Test("who is told: the Secret, by its field, with the moment and the way out")
    func sentence() {
        let finding = watch(endingIn: Self.day).diagnostics.first
        #expect(
            finding?.description
                == "warning: Secret shop/pair data.tls.crt: the certificate ends at 2027-01-16T08:00:00Z, in less than 14 days; renew it (CertificateExpiring)"
        )
        #expect(watch(endingIn: 0).diagnostics.first?.severity == .error)
    }

    @Test("time alone makes it true, and what it says stays the same until it says something else")
    func timePasses() {
        var watch = watch(endingIn: 14 * Self.day)
        #expect(watch.diagnostics.isEmpty && watch.revision == 0)
        watch.look(today: Self.today + 1, now: 6)
        #expect(watch.diagnostics.count == 1 && watch.revision == 1)
        let first = watch.diagnostics
        watch.look(today: Self.today + 10 * Self.day, now: 7)
        #expect(watch.diagnostics == first && watch.revision == 1)
        watch.look(today: Self.today + 14 * Self.day, now: 8)
        #expect(watch.diagnostics.map(\.reason) == ["CertificateExpired"] && watch.revision == 2)
    }

    @Test(
        "the next look is when something changes, within an hour",
        arguments: [
            (30 * day, 3_600), (14 * day, 1), (14 * day + 99, 100), (14 * day - 1, 3_600), (60, 60),
            (0, 3_600),
        ] as [(Int64, UInt64)])
    func nextLook(left: Int64, seconds: UInt64) {
        #expect(watch(endingIn: left).at == 5 + seconds * 1_000_000_000)
    }

    @Test("a renewed certificate, and one that is gone, are told of no more")
    func renewed() {
        var watch = watch(endingIn: 1)
        watch.note([name], ends: [name: Self.today + 90 * Self.day])
        watch.look(today: Self.today, now: 6)
        #expect(watch.diagnostics.isEmpty)
        watch.note([name], ends: [:])
        watch.look(today: Self.today, now: 7)
        #expect(watch.at == nil && !watch.isDue(now: .max))
    }

    @Test("ends that no calendar has are no harm", arguments: [Int64.min, Int64.max])
    func extremes(end: Int64) {
        var watch = ExpiryWatch()
        watch.note([name], ends: [name: end])
        watch.look(today: end == .min ? 1 : -1, now: .max)
        #expect(watch.diagnostics.isEmpty)
    }

    @Test("the pipeline judges when certificates are published and when it is time")
    func core() {
        var core = PipelineCore(settings: TranslationSettings(), awaiting: [])
        var change = Change()
        change.certificates.updateValue(nil, forKey: name)
        var asked: [[CertificateName]] = []
        func note(_ changes: [Change], now: UInt64, today: Int64) {
            core.noteExpiry(of: changes, now: now, today: today) { names in
                asked.append(names)
                return names.isEmpty ? [:] : [name: 30 * Self.day]
            }
        }
        note([Change()], now: 1, today: 0)
        note([change], now: 2, today: 0)
        note([], now: 3, today: 20 * Self.day)
        #expect(asked == [[name]] && core.diagnostics.isEmpty)
        note([], now: core.looksAtExpiryAt ?? 0, today: 20 * Self.day)
        #expect(core.diagnostics.map(\.reason) == ["CertificateExpiring"])
    }
}
