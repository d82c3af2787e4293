import Model

/// `log` and what goes with it.
enum LoggingDirectives {
    static let table = [
        Directive("log") { line, proxy throws(Refusal) in
            if line.next?.text == "global", line.rest.count == 1 {
                line.skip()
                if !proxy.logging.targets.contains(.global) { proxy.logging.targets.append(.global) }
            } else {
                proxy.logging.targets.append(try LogTargetReader.target(&line))
            }
        },
        Directive("log-format") { line, proxy throws(Refusal) in
            set(try line.format(for: .log, .log), "log-format", line, &proxy)
        },
        Directive("error-log-format") { line, proxy throws(Refusal) in
            proxy.logging.errorFormat = try line.format(for: .log, .log)
        },
        Directive("log-format-sd") { line, proxy throws(Refusal) in
            proxy.logging.structuredData = try line.format(for: .log, .log)
        },
        Directive("log-tag") { line, proxy throws(Refusal) in
            proxy.logging.tag = try line.take("a tag").text
        },
        .ignored("log-steps", "there is one line, at the end"),
    ]

    /// The options that stand for a format, as words.
    static var formats: [(option: String, format: FormatString)] {
        [("httplog", http), ("httpslog", https), ("tcplog", tcp), ("httplog clf", clf)]
    }

    static let options = [
        ProxyOption("httplog", canBeNegated: false) { _, line, proxy throws(Refusal) in
            let isCommon = line.takes("clf")
            set(isCommon ? clf : http, isCommon ? "option httplog clf" : "option httplog", line, &proxy)
        },
        ProxyOption("httpslog", canBeNegated: false) { _, line, proxy in
            set(https, "option httpslog", line, &proxy)
        },
        ProxyOption("tcplog", canBeNegated: false) { _, line, proxy throws(Refusal) in
            if line.next?.text == "clf" { throw .unsupported("option tcplog clf", instead: nil) }
            set(tcp, "option tcplog", line, &proxy)
        },
        ProxyOption("dontlognull") { isOn, _, proxy in proxy.logging.skipsEmpty = isOn },
        ProxyOption("dontlog-normal") { isOn, _, proxy in proxy.logging.skipsNormal = isOn },
        ProxyOption("log-separate-errors") { isOn, _, proxy in proxy.logging.separatesErrors = isOn },
        .ignored("logasap", "lines are written at the end"),
        .ignored("log-health-checks", "checks are told about on stderr always"),
    ]

    /// Those of `global`.
    static let global = [
        GlobalDirective("log") { line, global throws(Refusal) in
            if line.next?.text == "global", line.rest.count == 1 {
                throw .conflict("'global' is not supported for a global syslog server")
            }
            switch try LogTargetReader.target(&line) {
            case .own(let target): global.logging.targets.append(target)
            case .profiled(.own(let target), let name, let place):
                global.logging.profiled.append(.init(target: target, profile: name.text, place: place))
            case .ring(let ring, let target, let place):
                global.logging.ringed.append(.init(ring: ring, target: target, profile: nil, place: place))
            case .profiled(.ring(let ring, let target, _), let name, let place):
                global.logging.ringed.append(.init(ring: ring, target: target, profile: name, place: place))
            // Those of `global` were refused above.
            case .global, .profiled: break
            }
        },
        GlobalDirective("log-tag") { line, global throws(Refusal) in
            global.logging.tag = try line.take("a tag").text
        },
        GlobalDirective("log-send-hostname") { line, global in
            global.logging.hostName = line.takeIfAny()?.text ?? line.surroundings.hostName
        },
    ]

    private static func set(
        _ format: FormatString, _ name: String, _ line: LineReader, _ proxy: inout Proxy
    ) {
        proxy.logging.format = format
        proxy.logging.formatName = name
        proxy.logging.formatPlace = line.place
    }

    // Read each time: leak checkers do not see what enumerations in a global point to.
    private static var http: FormatString {
        LoggingDraft.read(
            "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r"
        )
    }
    private static var https: FormatString {
        LoggingDraft.read(
            """
            %ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r \
            %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc
            """)
    }
    private static var clf: FormatString {
        LoggingDraft.read(
            """
            %{+Q}o %{-Q}ci - - [%trg] %r %ST %B "" "" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq \
            %bq %CC %CS %hrl %hsl
            """)
    }
    /// Of mode tcp, too where `option httplog` can not be.
    static var tcp: FormatString {
        LoggingDraft.read(
            "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq")
    }
}
