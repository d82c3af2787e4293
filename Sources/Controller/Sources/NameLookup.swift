import CSystem

/// Asks the system for the addresses of one name; blocks.
struct NameLookup {
    /// Whether loopback and link-local addresses count; see `TranslationSettings`.
    var allowsLocal = true
    /// A DNS server on 127.0.0.1 for tests; 0 is the system's configuration.
    var serverPort: UInt16 = 0

    /// The addresses of a name, which is absolute. An address stands for itself.
    ///
    /// Addresses of a family that has no route are left out, as `getaddrinfo` does with AI_ADDRCONFIG: every request to
    /// them would cost a retry.
    func addresses(of name: String) -> NameSchedule.Answer {
        guard IPFamily(of: name) == nil else { return .found(allowed([name]), seconds: .max) }
        // A name with a zero byte would be another name for C.
        guard !name.isEmpty, name.utf8.count <= 254, !name.utf8.contains(0) else { return .absent }
        let answers = NameLookup.families.map { ask(name, wantsV6: $0 == .v6) }
        var found: [String] = []
        var seconds = UInt32.max
        for case .found(let addresses, let holds) in answers {
            found += addresses
            seconds = min(seconds, holds)
        }
        if !found.isEmpty { return .found(allowed(found), seconds: seconds) }
        return answers.contains(.failed) ? .failed : .absent
    }

    private func allowed(_ addresses: [String]) -> [String] {
        allowsLocal ? addresses : addresses.filter { !IPFamily.isLocal($0) }
    }

    private static var families: [IPFamily] {
        let routed = [IPFamily.v4, .v6].filter { csystem_has_route($0 == .v6 ? 1 : 0) == 1 }
        return routed.isEmpty ? [.v4, .v6] : routed
    }

    private func ask(_ name: String, wantsV6: Bool) -> NameSchedule.Answer {
        var text = [CChar](repeating: 0, count: 4_096)
        var seconds: UInt32 = 0
        let count = csystem_resolve(name, wantsV6 ? 1 : 0, serverPort, &text, text.count, &seconds)
        guard count > 0 else { return count == 0 ? .absent : .failed }
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let addresses = String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
        return .found(addresses, seconds: seconds)
    }
}
