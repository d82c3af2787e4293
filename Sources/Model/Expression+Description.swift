extension Expression: CustomStringConvertible {
    /// The expression as haproxy.cfg has it, in one form whatever it was read from.
    public var description: String {
        ([fetch.description] + converters.map(\.description)).joined(separator: ",")
    }
}

extension Fetch: CustomStringConvertible {
    /// The fetch as haproxy.cfg has it.
    public var description: String {
        switch self {
        case .boolean(let value): "bool(\(value ? 1 : 0))"
        case .integer(let value): "int(\(value))"
        case .string(let bytes): call("str", [quoted(bytes)])
        case .binary(let bytes): "bin(\(hexDigits(bytes)))"
        case .address(let text): text.utf8.contains(UInt8(ascii: ":")) ? "ipv6(\(text))" : "ipv4(\(text))"
        case .random(let range): call("rand", [range.map { "\($0)" } ?? ""])
        case .date(let offset): offset == 0 ? "date" : "date(\(offset))"
        case .ofClient(let fact): fact.rawValue
        case .ofRequest(let fact): fact.rawValue
        case .ofHello(let fact): fact.rawValue
        case .certificate(let read): read.description
        case .payload(let read): read.description
        case .answerPayload(let read): "res" + read.description.dropFirst(3)
        case .body(let read): read.description
        case .answerBody(let read): "res" + read.description.dropFirst(3)
        case .requestField(let pick): pick.description
        case .requestFieldCount(let name, let isWhole):
            call("req.\(isWhole ? "f" : "")hdr_cnt", [quoted(name)])
        case .requestFieldNames(let separator):
            call("req.hdr_names", [separator == UInt8(ascii: ",") ? "" : quoted([separator])])
        case .cookie(let name, let type):
            call(type == .integer ? "req.cook_val" : "req.cook", [name.map { quoted($0) } ?? ""])
        case .cookieCount(let name): call("req.cook_cnt", [name.map { quoted($0) } ?? ""])
        case .parameter(let name, let delimiter, let type):
            call(
                type == .integer ? "urlp_val" : "url_param",
                [
                    name.map { quoted($0) } ?? "",
                    delimiter == UInt8(ascii: "?") ? "" : quoted([delimiter]),
                ])
        case .hashed(let target, let withSource): "\(target.rawValue)32\(withSource ? "+src" : "")"
        case .backendName: "be_name"
        case .serverName: "srv_name"
        case .status, .answerField, .answerFieldCount, .answerCookie, .answerCookieCount: ofAnswer
        case .uuid(let version): call("uuid", [version == 4 ? "" : "\(version)"])
        case .captured(let slot, let isAnswer): "capture.\(isAnswer ? "res" : "req").hdr(\(slot))"
        case .ofCapture(let fact): fact.rawValue
        case .told(let fact): fact.description
        case .authenticated(let list): "http_auth(\(quoted(list)))"
        case .authenticatedGroups(let list): "http_auth_group(\(quoted(list)))"
        case .credentials(let part): part.rawValue
        case .bearer(let field): call("http_auth_bearer", [field == "authorization" ? "" : quoted(field)])
        case .variable(let name, let text): call("var", [name.description, text.map { quoted($0) } ?? ""])
        case .counter(let read): read.description
        case .ofBackend(let read): read.description
        case .announced, .offer, .desktopCookie, .ofFrontend, .ofExchange, .tcp, .moment, .message:
            ofExchanges
        case .tableUse(let table, let use): call(use.rawValue, [quoted(table.description)])
        }
    }
}

extension ToldFact: CustomStringConvertible {
    /// What comes nearest in haproxy.cfg.
    public var description: String {
        switch self {
        case .requestID: "req.fhdr(X-Request-ID)"
        case .drawnID: "uuid"
        case .verification: "ssl_c_used,iif(SUCCESS,NONE)"
        case .certificate: "ssl_c_der,base64"
        case .priorityClass: "prio_class"
        case .priorityOffset: "prio_offset"
        case .retries: "txn.conn_retries"
        case .serverTimeout(let isCurrent): isCurrent ? "cur_server_timeout" : "be_server_timeout"
        case .tunnelTimeout(let isCurrent): isCurrent ? "cur_tunnel_timeout" : "be_tunnel_timeout"
        case .clientAddress: "src"
        case .forwardedFor: "req.fhdr(X-Forwarded-For)"
        }
    }
}

extension Fetch {
    private var ofExchanges: String {
        switch self {
        case .announced(let type): "fc_pp_tlv(0x\(hexDigits([type])))"
        case .offer(let read): "\(read.part.rawValue)\(read.leavesOutMadeUp ? "(1)" : "")"
        case .desktopCookie(let name, let isCount):
            call("req.rdp_cookie" + (isCount ? "_cnt" : ""), [quoted(name)])
        case .ofFrontend(let read): call(read.fact.rawValue, [quoted(read.frontend)])
        case .ofExchange(let fact): fact.rawValue
        case .tcp(let read):
            call(
                "\(read.isOfServer ? "bc" : "fc")_\(read.fact.rawValue)", [read.isMicroseconds ? "us" : ""])
        case .moment(let read): read.description
        case .message(let read):
            call(
                "\(read.isAnswer ? "res" : "req").\(read.part.rawValue)",
                [read.isList && read.separator != UInt8(ascii: ",") ? quoted([read.separator]) : ""])
        default: ""
        }
    }

    private var ofAnswer: String {
        switch self {
        case .answerField(let pick): "res" + pick.description.dropFirst(3)
        case .answerFieldCount(let name, let isWhole):
            call("res.\(isWhole ? "f" : "")hdr_cnt", [quoted(name)])
        case .answerCookie(let name, let type):
            call(type == .integer ? "res.cook_val" : "res.cook", [name.map { quoted($0) } ?? ""])
        case .answerCookieCount(let name): call("res.cook_cnt", [name.map { quoted($0) } ?? ""])
        default: "status"
        }
    }
}

extension CertificateRead: CustomStringConvertible {
    /// The fetch as haproxy.cfg has it.
    public var description: String {
        let name = "\(holder.rawValue)_\(part.rawValue)"
        return switch pick {
        case nil: name
        case .rfc2253: "\(name)(,0,rfc2253)"
        case .entry(let entry, let occurrence):
            call(name, [quoted(entry), occurrence == 1 ? "" : "\(occurrence)"])
        }
    }
}

extension BodyRead: CustomStringConvertible {
    /// The fetch as haproxy.cfg has it.
    public var description: String {
        switch self {
        case .bytes: "req.body"
        case .length: "req.body_len"
        case .size: "req.body_size"
        case .field(let name): call("req.body_param", [name.map { quoted($0) } ?? ""])
        }
    }
}

extension PayloadRead: CustomStringConvertible {
    /// The fetch as haproxy.cfg has it.
    public var description: String {
        switch self {
        case .bytes(let offset, let count): "req.payload(\(offset),\(count))"
        case .prefixed(let offset, let length, 0, true): "req.payload_lv(\(offset),\(length))"
        case .prefixed(let offset, let length, let start, let isRelative):
            "req.payload_lv(\(offset),\(length),\(isRelative && start > 0 ? "+" : "")\(start))"
        case .length: "req.len"
        }
    }
}

extension BackendRead: CustomStringConvertible {
    /// The fetch as haproxy.cfg has it.
    public var description: String {
        call(fact.rawValue, [quoted(backend.description + (server.map { "/\($0)" } ?? ""))])
    }
}

extension MomentRead: CustomStringConvertible {
    /// The fetch as haproxy.cfg has it.
    public var description: String {
        let unit = unit == .seconds ? "" : unit.rawValue
        return call(moment.rawValue, moment == .now ? [offset == 0 ? "" : "\(offset)", unit] : [unit])
    }
}

extension MomentFormat {
    /// The converter as haproxy.cfg has it: its offset is in seconds there, but that of `http_date`.
    fileprivate var description: String {
        let seconds = offset / Int64(1_000_000_000 / unit.nanoseconds)
        let isWhole = seconds * Int64(1_000_000_000 / unit.nanoseconds) == offset
        if !isLocal, format == MomentFormat.ofHTTP { return "http_date(\(offset),\(unit.rawValue))" }
        return call(
            "\(unit.rawValue)_\(isLocal ? "ltime" : "utime")",
            [quoted(format), isWhole && offset == 0 ? "" : "\(seconds)"])
    }
}

extension CounterRead: CustomStringConvertible {
    /// The fetch as haproxy.cfg has it.
    public var description: String {
        let element = value.isOfArray ? ["\(value.element)"] : []
        let table = [self.table.map { quoted($0.description) } ?? ""]
        return switch entry {
        case .tracked(let slot): call("sc_\(value.name)", element + ["\(slot)"] + table)
        case .ofSource: call("src_\(value.name)", element + table)
        }
    }
}

extension TableLookup {
    /// The converter as haproxy.cfg has it.
    fileprivate func description(in table: TableName) -> String {
        let name = quoted(table.description)
        return switch self {
        case .isThere: call("in_table", [name])
        case .value(let value):
            call("table_\(value.nameOfLookup)", (value.isOfArray ? ["\(value.element)"] : []) + [name])
        case .expiry(let absent): call("table_expire", [name, absent.map { "\($0)" } ?? ""])
        case .idleness(let absent): call("table_idle", [name, absent.map { "\($0)" } ?? ""])
        }
    }
}

extension FieldPick: CustomStringConvertible {
    /// The fetch as haproxy.cfg has it.
    public var description: String {
        let name =
            isWhole
            ? "req.fhdr" : type == .integer ? "req.hdr_val" : type == .address ? "req.hdr_ip" : "req.hdr"
        return call(name, [quoted(self.name), occurrence == 0 ? "" : "\(occurrence)"])
    }
}

extension Converter: CustomStringConvertible {
    /// The converter as haproxy.cfg has it.
    public var description: String {
        switch self {
        case .lower: "lower"
        case .upper: "upper"
        case .length: "length"
        case .part(let number, let delimiters, let count, let joined):
            call(joined ? "word" : "field", ["\(number)", quoted(delimiters), count == 1 ? "" : "\(count)"])
        case .bytes(let offset, let count): call("bytes", ["\(offset)", count.map { "\($0)" } ?? ""])
        case .trim(let bytes, let isLeft): call(isLeft ? "ltrim" : "rtrim", [quoted(bytes)])
        case .concat(let front, let middle, let back):
            call("concat", [quoted(front), middle?.description ?? "", quoted(back)])
        case .regexReplace(let rule): rule.description
        case .decodeURL(let isForm): isForm ? "url_dec(1)" : "url_dec"
        case .encodeURL: "url_enc"
        case .json(let input): input == .ascii ? "json" : "json(\(input.rawValue))"
        case .hostOnly: "host_only"
        case .portOnly: "port_only"
        case .hex: "hex"
        case .fromHex: "hex2i"
        case .base64(let isURL): isURL ? "ub64enc" : "base64"
        case .fromBase64(let isURL): isURL ? "ub64dec" : "b64dec"
        case .jsonQuery(let pick): call("json_query", pick.arguments)
        case .tokenPart(let part, let pick): call(part.rawValue, pick?.arguments ?? [])
        case .verifyToken(let check): "\(check.name)(\(check.algorithm),\(check.key))"
        case .digest(let name): "digest(\(name))"
        case .hmac(let name, let key): "hmac(\(name),\(key))"
        case .isSecret(let name): "secure_memcmp(\(name))"
        case .cipher, .isMQTT, .mqttField, .protobuf, .chunks, .parameter, .item, .cutLine: ofFormats
        case .forwarded, .language, .moment, .verificationError: ofFormats
        case .hash(let hash): hash.description
        case .time(let format, let offset, let isLocal):
            call(isLocal ? "ltime" : "utime", [quoted(format), offset == 0 ? "" : "\(offset)"])
        case .arithmetic(let operation, let operand): "\(operation.rawValue)(\(operand))"
        case .variableArithmetic(let operation, let operand): "\(operation.rawValue)(\(operand))"
        case .setVariable(let name, let conditions):
            call("set-var", [name.description] + conditions.spelled)
        case .unsetVariable(let name): "unset-var(\(name))"
        case .compare(let name): "strcmp(\(name))"
        case .capture(let slot, let isAnswer): "capture-\(isAnswer ? "res" : "req")(\(slot))"
        case .negate: "neg"
        case .complement: "cpl"
        case .isEven: "even"
        case .isOdd: "odd"
        case .truth: "bool"
        case .isZero: "not"
        case .choose(let one, let other): "iif(\(quoted(one)),\(quoted(other)))"
        case .mask(let v4, let v6): call("ipmask", [dotted(v4), v6.map { "\($0)" } ?? ""])
        case .table(let table, let lookup): lookup.description(in: table)
        case .map(let lookup):
            call(lookup.name, [quoted(lookup.list.description), lookup.fallback.map { quoted($0) } ?? ""])
        }
    }

    private var ofFormats: String {
        switch self {
        case .cipher(let cipher): cipher.description
        case .isMQTT: "mqtt_is_valid"
        case .protobuf(let pick):
            call(
                pick.isFramed ? "ungrpc" : "protobuf",
                [pick.path.map { "\($0)" }.joined(separator: "."), pick.type?.rawValue ?? ""])
        case .mqttField(let pick):
            "mqtt_field_value(\(pick.isClients ? "connect" : "connack"),\(pick.field.word))"
        case .chunks(let chunks):
            call(
                chunks.kind.rawValue,
                [quoted(chunks.separator), "\(chunks.size)", chunks.dropsRest ? "1" : ""])
        case .parameter(let name, let delimiter):
            call("param", [quoted(name), delimiter == UInt8(ascii: "&") ? "" : quoted([delimiter])])
        case .item(let delimiter, let middle, let back):
            call("add_item", [quoted(delimiter), middle?.description ?? "", quoted(back)])
        case .cutLine: "cut_crlf"
        case .forwarded(let part): part.rawValue
        case .language(let languages, let other):
            call("language", [quoted(languages), other.map { quoted($0) } ?? ""])
        case .moment(let moment): moment.description
        case .verificationError: "x509_v_err_str"
        default: ""
        }
    }
}

extension TokenCheck {
    fileprivate var name: String { isOfCertificate ? "jwt_verify_cert" : "jwt_verify" }
}

extension JSONPick {
    fileprivate var arguments: [String] { [quoted(path), isInteger ? "int" : ""] }
}

extension ConverterOperand: CustomStringConvertible {
    /// The argument as haproxy.cfg has it.
    public var description: String {
        switch self {
        case .text(let bytes): quoted(bytes)
        case .variable(let name): name.description
        }
    }
}

extension Cipher {
    fileprivate var description: String {
        let name = "aes_\(tag == nil ? "cbc" : "gcm")_\(isEncryption ? "enc" : "dec")"
        return call(
            name,
            ["\(bits)", nonce.description, key.description] + [tag, added].compactMap { $0?.description })
    }
}

extension MapLookup {
    fileprivate var name: String {
        let output = use.output ?? .text
        return "map_\(use.method.name)" + (output == .text ? "" : "_\(output.rawValue)")
    }
}

extension VariableConditions {
    fileprivate var spelled: [String] { VariableConditions.words.filter { contains($0.value) }.map(\.key) }
}

extension RegexReplacement: CustomStringConvertible {
    /// The converter as haproxy.cfg has it.
    public var description: String {
        let flags = (isGlobal ? "g" : "") + (ignoresCase ? "i" : "")
        let front = "regsub(\(quoted(pattern)),\(quoted(replacement))"
        return flags.isEmpty ? "\(front))" : "\(front),\(flags))"
    }
}

extension SampleHash: CustomStringConvertible {
    /// The converter as haproxy.cfg has it.
    public var description: String {
        switch self {
        case .function(let function, let hasAvalanche): function.rawValue + (hasAvalanche ? "(1)" : "")
        case .castagnoli(let hasAvalanche): hasAvalanche ? "crc32c(1)" : "crc32c"
        case .xxh32(let seed): seed == 0 ? "xxh32" : "xxh32(\(seed))"
        case .xxh64(let seed): seed == 0 ? "xxh64" : "xxh64(\(Int64(bitPattern: seed)))"
        case .xxh3(let seed): seed == 0 ? "xxh3" : "xxh3(\(Int64(bitPattern: seed)))"
        }
    }
}

/// A name and its arguments, without empty ones at the end.
private func call(_ name: String, _ arguments: [String]) -> String {
    let count = (arguments.lastIndex { !$0.isEmpty } ?? -1) + 1
    return count == 0 ? name : "\(name)(\(arguments.prefix(count).joined(separator: ",")))"
}

private func quoted(_ text: String) -> String { quoted(Array(text.utf8)) }

/// An argument, in quotes where it could be read as another.
private func quoted(_ bytes: [UInt8]) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    let isPlain = bytes.allSatisfy { !" ,()\"'\\".utf8.contains($0) }
    guard !isPlain else { return text }
    let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
    return "\"\(escaped)\""
}

private func hexDigits(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
}

private func dotted(_ mask: UInt32) -> String {
    [24, 16, 8, 0].map { "\(mask >> UInt32($0) & 255)" }.joined(separator: ".")
}
