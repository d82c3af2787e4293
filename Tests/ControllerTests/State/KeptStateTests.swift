import Kubernetes
import Testing

@testable import Controller

/// Fills whatever passes through with what chance gives.
private struct RandomCoder: KeptCoder {
    var numbers: SeededNumbers

    private mutating func text() -> String {
        let words = [
            "", "a", "web", "shop.example", "ü", "\u{0}", "-----BEGIN", String(repeating: "x", count: 300),
        ]
        return words.randomElement(using: &numbers) ?? ""
    }

    mutating func pass(_ value: inout Bool) { value = .random(using: &numbers) }
    mutating func pass(_ value: inout Int64) {
        value = [0, 1, 2, -1, 80, .max, .min].randomElement(using: &numbers) ?? 0
    }
    mutating func pass(_ value: inout String) { value = text() }
    mutating func pass(_ value: inout [UInt8]) { value = Array(text().utf8) }
    mutating func pass<Value: KeptValue>(_ values: inout [Value]) {
        values = (0..<Int.random(in: 0...3, using: &numbers)).map { _ in
            var value = Value()
            value.pass(through: &self)
            return value
        }
    }
}

/// Counts the parts that pass, and those of parts that are passed in place.
private struct CountingCoder: KeptCoder {
    var count = 0

    mutating func pass(_ value: inout Bool) { count += 1 }
    mutating func pass(_ value: inout Int64) { count += 1 }
    mutating func pass(_ value: inout String) { count += 1 }
    mutating func pass(_ value: inout [UInt8]) { count += 1 }
    mutating func pass<Value: KeptValue>(_ values: inout [Value]) { count += 1 }
}

/// The same numbers for the same seed.
private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite("Kept state") struct KeptStateTests {
    private func random<Value: KeptValue>(_ type: Value.Type, _ coder: inout RandomCoder) -> Value {
        var value = Value()
        value.pass(through: &coder)
        return value
    }

    /// A cluster of random objects.
    private func state(_ seed: UInt64) -> KeptState {
        var coder = RandomCoder(numbers: SeededNumbers(state: seed))
        var state = ClusterState()
        for number in 0..<6 {
            var ingress = random(Ingress.self, &coder)
            ingress.meta.name += "\(number)"
            _ = state.set(ingress, at: ingress.meta.key)
            var ingressClass = random(IngressClass.self, &coder)
            (ingressClass.meta.name, ingressClass.controller) = ("class\(number)", "c\(number)")
            _ = state.set(ingressClass, at: ingressClass.meta.key)
            let service = random(Service.self, &coder)
            _ = state.set(service, at: service.meta.key)
            let slice = random(EndpointSlice.self, &coder)
            _ = state.set(slice, at: slice.meta.key)
            let secret = random(Secret.self, &coder)
            _ = state.set(secret, at: secret.meta.key)
            let configMap = random(ConfigMap.self, &coder)
            _ = state.set(configMap, at: configMap.meta.key)
            _ = state.setAddresses(["192.0.2.\(number)"], of: "name\(number)")
        }
        return KeptState(state, knowsClasses: seed % 2 == 0)
    }

    private func expectSame(_ left: KeptState, _ right: KeptState) {
        #expect(left.knowsClasses == right.knowsClasses)
        #expect(left.state.ingresses == right.state.ingresses)
        #expect(left.state.classes == right.state.classes)
        #expect(left.state.services == right.state.services)
        #expect(left.state.slices == right.state.slices)
        #expect(left.state.secrets == right.state.secrets)
        #expect(left.state.configMaps == right.state.configMaps)
        #expect(left.state.addresses == right.state.addresses)
        #expect(left.state.usableBefore == right.state.usableBefore)
    }

    @Test("is the same after it was written and read", arguments: 0..<40 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        let kept = state(seed)
        expectSame(try #require(KeptState(kept.encoded())), kept)
    }

    /// How many parts a value has; those of what is passed in place count instead of it.
    private func parts(of value: Any) -> Int {
        Mirror(reflecting: value).children.reduce(0) { count, child in
            count + ((child.value as? any KeptValue).map { passed(by: $0) } ?? 1)
        }
    }

    private func passed(by value: some KeptValue) -> Int {
        var (coder, copy) = (CountingCoder(), value)
        copy.pass(through: &coder)
        return coder.count
    }

    @Test(
        "no part of an object is forgotten",
        arguments: [
            ObjectMeta(), LoadBalancerAddress(ip: "", hostname: ""), Ingress(), IngressPath(), IngressTLS(),
            IngressClass(), Service(), Service.Port(), EndpointSlice(), EndpointSlice.Port(),
            EndpointSlice.Endpoint(), Secret(), ConfigMap(),
        ] as [any KeptValue & Sendable])
    func complete(value: any KeptValue & Sendable) {
        #expect(passed(by: value) == parts(of: value), "\(type(of: value))")
    }

    @Test("nor of a rule, which may have no paths")
    func completeRule() {
        #expect(passed(by: IngressRule()) == Mirror(reflecting: IngressRule()).children.count + 1)
    }

    @Test("an empty one too")
    func empty() throws {
        let kept = KeptState(ClusterState(), knowsClasses: false)
        expectSame(try #require(KeptState(kept.encoded())), kept)
    }

    @Test("what was usable before a Secret lost its key goes on being so")
    func usableBefore() throws {
        var (before, after) = (Secret(), Secret())
        (before.meta.name, after.meta.name) = ("tls", "tls")
        (before.type, after.type) = (Secret.tlsType, Secret.tlsType)
        before.data = ["tls.crt": [1], "tls.key": [2]]
        after.data = ["tls.crt": [3]]
        var state = ClusterState()
        _ = state.set(before, at: before.meta.key)
        _ = state.set(after, at: after.meta.key)
        let kept = try #require(KeptState(KeptState(state, knowsClasses: true).encoded()))
        #expect(kept.state.usableSecret(before.meta.key) == before)
        #expect(kept.state.secrets[before.meta.key] == after)
    }

    @Test("nothing that was cut off is taken for one")
    func truncated() {
        let bytes = state(1).encoded()
        for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 400)) {
            #expect(KeptState(Array(bytes.prefix(length))) == nil)
        }
        #expect(KeptState(bytes + [0]) == nil)
    }

    @Test("whatever a byte becomes, reading comes to an end")
    func flipped() {
        let bytes = state(2).encoded()
        var numbers = SeededNumbers(state: 3)
        var read = 0
        for _ in 0..<2_000 {
            var damaged = bytes
            let place = Int.random(in: 0..<bytes.count, using: &numbers)
            damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
            // What is read can be written and read again: it is a state like any other.
            if let kept = KeptState(damaged) {
                #expect(KeptState(kept.encoded()) != nil)
                read += 1
            }
        }
        #expect(read < 2_000, "a damaged length is noticed")
    }

    @Test(
        "numbers and lengths that are too large are nothing",
        arguments: [[0xFF] + [UInt8](repeating: 0xFF, count: 12)])
    func tooLarge(bytes: [UInt8]) {
        #expect(KeptState(bytes) == nil)
        var reader = KeptReader(bytes)
        var texts: [String] = ["before"]
        reader.pass(&texts)
        #expect(texts.isEmpty && reader.isBroken)
    }
}
