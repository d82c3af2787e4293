import COpenSSL
import CSystem
import Glibc

/// What OpenSSL asks during a handshake. It gets the context as an unretained pointer: every session holds a
/// reference to its context, so a callback can only run while it lives.
extension TLSContext {
    func installCallbacks() {
        let me = Unmanaged.passUnretained(self).toOpaque()
        SSL_CTX_set_ex_data(raw, 0, me)
        SSL_CTX_set_client_hello_cb(
            raw,
            { ssl, alert, context in
                guard let ssl, let context else { return SSL_CLIENT_HELLO_ERROR }
                if TLSContext.at(context).greet(ssl) { return SSL_CLIENT_HELLO_SUCCESS }
                alert?.pointee = SSL_AD_UNRECOGNIZED_NAME
                return SSL_CLIENT_HELLO_ERROR
            }, me)
        SSL_CTX_set_cert_cb(
            raw,
            { ssl, context in
                guard let ssl, let context else { return 0 }
                return TLSContext.at(context).offerCertificates(to: ssl) ? 1 : 0
            }, me)
        SSL_CTX_set_alpn_select_cb(
            raw,
            { ssl, out, outCount, offered, offeredCount, context in
                guard let out, let outCount, let offered, let context else { return SSL_TLSEXT_ERR_NOACK }
                let offer = UnsafeBufferPointer(start: offered, count: Int(offeredCount))
                guard let ssl else { return SSL_TLSEXT_ERR_NOACK }
                return TLSContext.at(context).selectProtocol(of: ssl, from: offer, out, outCount)
            }, me)
        csystem_ssl_ctx_set_status_callback(raw) { ssl, _ in
            guard let ssl, let context = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0),
                TLSContext.at(context).staple(to: ssl)
            else { return SSL_TLSEXT_ERR_NOACK }
            return SSL_TLSEXT_ERR_OK
        }
        SSL_CTX_set_tlsext_ticket_key_evp_cb(raw) { ssl, name, iv, cipher, mac, sealing in
            guard let ssl, let name, let iv, let context = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0) else {
                return -1
            }
            let ticket = Ticket(name: name, iv: iv, cipher: cipher, mac: mac)
            let outcome =
                sealing != 0 ? TLSContext.at(context).seal(ticket) : TLSContext.at(context).open(ticket)
            // TLS 1.3 clients use a ticket once, and OpenSSL gives a resumed one no new ticket unless told to renew.
            return outcome == 1 && sealing == 0 && SSL_version(ssl) == TLS1_3_VERSION ? 2 : outcome
        }
    }

    private static func at(_ pointer: UnsafeMutableRawPointer) -> TLSContext {
        Unmanaged<TLSContext>.fromOpaque(pointer).takeUnretainedValue()
    }

    // MARK: Certificates

    /// Only asked when the session is not resumed.
    private func offerCertificates(to ssl: OpaquePointer) -> Bool {
        keys(for: ssl).allSatisfy { $0.offer(to: ssl) }
    }

    private func keys(for ssl: OpaquePointer) -> [CertifiedKey] {
        guard let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else {
            return certificates.defaultKeys
        }
        return certificates.keys(forServerName: UnsafeRawBufferPointer(start: name, count: strlen(name)))
    }

    /// Asked when the certificate has been chosen; false if nothing current is to be said of it.
    private func staple(to ssl: OpaquePointer) -> Bool {
        guard let chosen = SSL_get_certificate(ssl),
            case .success(let staple)? = keys(for: ssl).first(where: { $0.leaf == chosen })?.staple,
            staple.nextUpdate > Int64(time(nil))
        else { return false }
        return csystem_ssl_staple(ssl, staple.bytes, staple.bytes.count)
    }

    // MARK: ALPN

    private func selectProtocol(
        of ssl: OpaquePointer, from offer: UnsafeBufferPointer<UInt8>,
        _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>, _ outCount: UnsafeMutablePointer<UInt8>
    ) -> Int32 {
        if let listed = HandshakeSettings.of(ssl)?.protocols {
            return listed.withUnsafeBufferPointer { Self.select($0, offer, out, outCount) }
        }
        let isOlder = SSL_get_ex_data(ssl, 0) != nil
        return Self.select(isOlder ? olderProtocols : protocols, offer, out, outCount)
    }

    /// What is chosen lies in the client's offer, which lives as long as the call needs.
    private static func select(
        _ protocols: UnsafeBufferPointer<UInt8>, _ offer: UnsafeBufferPointer<UInt8>,
        _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>, _ outCount: UnsafeMutablePointer<UInt8>
    ) -> Int32 {
        var chosen: UnsafeMutablePointer<UInt8>?
        let result = SSL_select_next_proto(
            &chosen, outCount, protocols.baseAddress, UInt32(protocols.count), offer.baseAddress,
            UInt32(offer.count))
        guard result == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_NOACK }
        out.pointee = UnsafePointer(chosen)
        return SSL_TLSEXT_ERR_OK
    }

    // MARK: The first message

    /// Holds the handshake to what its server name has of its own, and demands the client's certificate where that or the
    /// listener does; false if the handshake must fail, which is for want of a certificate of our own or of memory.
    private func greet(_ ssl: OpaquePointer) -> Bool {
        let name = Self.serverName(inHelloOf: ssl) ?? UnsafeRawBufferPointer(start: nil, count: 0)
        let listener = HandshakeSettings.of(ssl)
        if listener?.isStrict == true, !certificates.hasKeys(forServerName: name) { return false }
        let named = certificates.handshake(forServerName: name)
        if let named, !named.hold(ssl) { return false }
        let usual = listener?.verification
        guard
            let verification = certificates.verification(forServerName: name)
                ?? (named.map { $0.verification(at: usual) } ?? usual)
        else {
            bindTickets(of: ssl, name)
            return true
        }
        return withUnsafeTemporaryAllocation(byteCount: max(1, name.count), alignment: 1) { scratch in
            verification.demand(of: ssl, name: ServerName.fold(name, into: scratch))
        }
    }

    // MARK: Tickets

    /// A session resumes only under the server name it was made for (RFC 6066, section 3): the name is its id
    /// context, of which OpenSSL demands equality.
    private func bindTickets(of ssl: OpaquePointer, _ name: UnsafeRawBufferPointer) {
        guard !name.isEmpty else { return }
        withUnsafeTemporaryAllocation(byteCount: name.count, alignment: 1) { scratch in
            let folded = ServerName.fold(name, into: scratch).assumingMemoryBound(to: UInt8.self)
            guard folded.count > SSL_MAX_SID_CTX_LENGTH else {
                SSL_set_session_id_context(ssl, folded.baseAddress, UInt32(folded.count))
                return
            }
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(SHA256_DIGEST_LENGTH)) { digest in
                SHA256(folded.baseAddress, folded.count, digest.baseAddress)
                SSL_set_session_id_context(ssl, digest.baseAddress, UInt32(digest.count))
            }
        }
    }

    /// The host name of the server_name extension: list length (2), type (1), name length (2), name.
    private static func serverName(inHelloOf ssl: OpaquePointer) -> UnsafeRawBufferPointer? {
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        guard SSL_client_hello_get0_ext(ssl, UInt32(TLSEXT_TYPE_server_name), &bytes, &count) == 1, let bytes,
            count > 5, bytes[2] == UInt8(TLSEXT_NAMETYPE_host_name)
        else { return nil }
        let length = Int(bytes[3]) << 8 | Int(bytes[4])
        guard length <= count - 5, length <= 255 else { return nil }
        return UnsafeRawBufferPointer(start: bytes + 5, count: length)
    }

    private struct Ticket {
        let name: UnsafeMutablePointer<UInt8>
        let iv: UnsafeMutablePointer<UInt8>
        let cipher: OpaquePointer?
        let mac: OpaquePointer?
    }

    /// 1: sealed; 0: no ticket; -1: the handshake fails.
    private func seal(_ ticket: Ticket) -> Int32 {
        ticketKeys.refresh(&tickets)
        guard let key = tickets.keys.first, RAND_bytes(ticket.iv, 16) == 1 else { return 0 }
        UnsafeMutableRawBufferPointer(start: ticket.name, count: TicketKey.nameLength).copyMemory(
            from: key.name)
        return csystem_ssl_ticket_init(ticket.cipher, ticket.mac, cipher, key.secret, ticket.iv, true)
            ? 1 : -1
    }

    /// 1: opened; 2: opened and to be renewed; 0: unknown key, a full handshake follows.
    private func open(_ ticket: Ticket) -> Int32 {
        ticketKeys.refresh(&tickets)
        let name = UnsafeRawBufferPointer(start: ticket.name, count: TicketKey.nameLength)
        guard let place = tickets.keys.firstIndex(where: { $0.name.elementsEqual(name) }) else { return 0 }
        let secret = tickets.keys[place].secret
        guard csystem_ssl_ticket_init(ticket.cipher, ticket.mac, cipher, secret, ticket.iv, false) else {
            return 0
        }
        return place == 0 ? 1 : 2
    }
}
