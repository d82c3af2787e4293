import Engine

/// `show peers`: how far this process and its peers are with each other, in HAProxy's form. What stands for the place of an object in
/// memory there is a number here.
struct PeerCommands: Sendable {
    /// The sections as they are.
    let sections: @Sendable () -> [PeerSectionReport]
    let now: @Sendable () -> UInt64
    /// Writes a time, given in nanoseconds since 1970.
    let date: @Sendable (UInt64) -> String

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "show peers", "[dict|-] [section]",
                "dump some information about all the peers or this peers section", .user
            ) { show($0) }
        ]
    }

    private func show(_ call: RuntimeCall) -> String {
        var words = call.words[...]
        let showsNames = words.first == "dict"
        if showsNames || words.first == "-" { words = words.dropFirst() }
        var all = sections()
        if let name = words.first {
            all = all.filter { $0.name == name }
            if all.isEmpty { return "No such peers\n" }
        }
        return all.enumerated().map { place, section in
            head(section, place) + local(section)
                + section.peers.enumerated().map { text($1, $0 + 2, showsNames) }.joined()
        }.joined(separator: "\n")
    }

    private func head(_ section: PeerSectionReport, _ place: Int) -> String {
        let now = now()
        let changed = date(now - min(now, section.changedSince * 1_000_000))
        let second = changed.split(separator: ".", maxSplits: 1).first ?? ""
        return
            "0x\(place + 1): [\(second)] id=\(section.name) disabled=0 flags=0x\(section.isComplete ? "33" : "0")"
            + " resync_timeout=\(section.isComplete ? "<PAST>" : "5s") task_calls=0\n"
    }

    private func local(_ section: PeerSectionReport) -> String {
        """
          0x1: id=\(section.localName)(local,inactive) addr=\(section.localAddress) app_state=STOPPED learn_state=NOTASSIGNED last_status=NONE last_hdshk=<NEVER>
                reconnect=<NEVER> heartbeat=<NEVER> confirm=0 tx_hbt=0 rx_hbt=0 no_hbt=0 new_conn=0 proto_err=0 coll=0
                flags=0x0

        """ + (section.trouble.isEmpty ? "" : "        last_refused=\"\(section.trouble)\"\n")
    }

    private func text(_ peer: PeerReport, _ place: Int, _ showsNames: Bool) -> String {
        var lines = [
            "  0x\(place): id=\(peer.name)(remote,\(peer.isConnected ? "active" : "inactive")) addr=\(peer.address)"
                + " app_state=\(peer.isConnected ? "RUNNING" : "STOPPED")"
                + " learn_state=\(peer.isTeacher ? "PROCESSING" : "NOTASSIGNED") last_status=\(peer.status.rawValue)"
                + " last_hdshk=\(PeerCommands.time(peer.greetedSince))",
            "        reconnect=\(PeerCommands.time(peer.callsIn)) heartbeat=\(peer.isConnected ? "3s" : "<NEVER>") confirm=0"
                + " tx_hbt=\(peer.heartbeats.sent) rx_hbt=\(peer.heartbeats.heard) no_hbt=\(peer.silences)"
                + " new_conn=\(peer.connections) proto_err=\(peer.faults) coll=\(peer.collisions)",
            "        flags=0x0",
        ]
        if !peer.trouble.isEmpty { lines.append("        last_failure=\"\(peer.trouble)\"") }
        if !peer.tables.isEmpty { lines.append("        shared tables:") }
        for table in peer.tables {
            lines += [
                "          0x\(table.localID) local_id=\(table.localID) remote_id=\(table.remoteID) flags=0x0 remote_data=0x0",
                "              last_acked=\(table.acknowledged) last_pushed=\(table.sent) last_get=\(table.heard)"
                    + " teaching_origin=0 update=\(table.confirmed)",
                "              table:0x\(table.localID) id=\(table.name) update=\(table.latest) localupdate=\(table.latest)"
                    + " commitupdate=\(table.sent) refcnt=1",
            ]
            if showsNames {
                // As HAProxy has it: what is sent up to the first free number, what is heard with all of them.
                let sent = peer.names.sent.prefix { $0 != "-" }
                lines += ["        TX dictionary cache:"] + PeerCommands.rows(Array(sent))
                lines += ["        RX dictionary cache:"] + PeerCommands.rows(peer.names.heard)
            } else {
                lines.append("        Dictionary cache not dumped (use \"show peers dict\")")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Four to a line.
    private static func rows(_ names: [String]) -> [String] {
        stride(from: 0, to: names.count, by: 4).map { start in
            "        "
                + (start..<min(start + 4, names.count)).map { place in
                    let number = String(place)
                    return
                        "  \(String(repeating: " ", count: max(0, 3 - number.count)))\(number) -> \(names[place])"
                }.joined()
        }
    }

    /// Milliseconds as HAProxy writes times: the two largest units.
    private static func time(_ milliseconds: UInt64?) -> String {
        guard let milliseconds else { return "<NEVER>" }
        let seconds = milliseconds / 1_000
        switch seconds {
        case 86_400...: return "\(seconds / 86_400)d\(seconds / 3_600 % 24)h"
        case 3_600...: return "\(seconds / 3_600)h\(seconds / 60 % 60)m"
        case 60...: return "\(seconds / 60)m\(seconds % 60)s"
        default: return "\(seconds)s"
        }
    }
}
