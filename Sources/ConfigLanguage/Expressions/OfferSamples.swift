import Model

/// The fetches about what TLS clients offer: `ssl_fc_cipherlist_bin(1)` and its kin.
enum OfferSamples {
    static let fetches: [(String, FetchTable.Reader)] = OfferPart.allCases.map { part in
        (
            part.rawValue,
            { arguments throws(Refusal) in
                let leavesOut = part.mayHaveMadeUp ? try arguments.flag() : false
                return .offer(OfferRead(part, leavesOutMadeUp: leavesOut))
            }
        )
    }
}
