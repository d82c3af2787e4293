import Model
import Wire

extension RunningGroup {
    /// The section for those who look.
    func report(now: UInt64) -> PeerSectionReport {
        let section = peers.section
        let remotes = section.remotes
        return PeerSectionReport(
            name: section.name, isComplete: peers.resync == .complete,
            changedSince: now - min(now, changedAt), localName: section.localName,
            localAddress: section.binds.first.map { RunningGroup.text($0.address ?? "::", $0.port) } ?? "",
            trouble: trouble,
            peers: remotes.indices.map { i in
                report(of: i, at: RunningGroup.text(remotes[i].address ?? "", remotes[i].port), now: now)
            })
    }

    private func report(of i: Int, at address: String, now: UInt64) -> PeerReport {
        let (link, dial) = (peers.links[i], dials[i])
        func texts(_ names: [[UInt8]?]) -> [String] {
            names.map { $0.map { String(decoding: $0, as: UTF8.self) } ?? "-" }
        }
        return PeerReport(
            name: link.name, address: address, isConnected: link.isOpen,
            isTeacher: peers.resync == .asked(i), status: dial.status,
            trouble: dial.trouble,
            greetedSince: dial.greetedAt == 0 ? nil : now - min(now, dial.greetedAt),
            callsIn: tokens[i] == nil ? dial.nextAt - min(now, dial.nextAt) : nil,
            heartbeats: (link.counts.heartbeatsSent, link.counts.heartbeatsHeard),
            silences: link.counts.silences, connections: link.counts.connections,
            faults: link.counts.faults, collisions: link.counts.collisions,
            updates: (link.counts.updatesSent, link.counts.updatesHeard),
            tables: link.tables.map(\.report),
            names: (texts(link.names.all.sent), texts(link.names.all.received))
        )
    }

    private static func text(_ address: String, _ port: UInt16) -> String {
        address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}

extension TableExchange {
    fileprivate var report: PeerReport.Table {
        PeerReport.Table(
            name: telling.wholeName, localID: telling.definition.id, remoteID: remoteID ?? 0, latest: latest,
            sent: told, confirmed: confirmed, heard: heard, acknowledged: acknowledged)
    }
}
