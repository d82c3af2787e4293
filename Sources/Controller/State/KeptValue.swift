import Kubernetes

/// Something that is passed on part by part.
protocol KeptValue {
    /// An empty one.
    init()
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder)
}

extension ObjectMeta: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&namespace)
        coder.pass(&name)
        coder.pass(&uid)
        coder.pass(&resourceVersion)
        coder.pass(&creationTimestamp)
        coder.pass(&annotations)
    }
}

extension LoadBalancerAddress: KeptValue {
    init() { self.init(ip: "", hostname: "") }

    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&ip)
        coder.pass(&hostname)
    }
}

extension Ingress: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&meta)
        coder.pass(&className)
        coder.pass(&defaultBackend)
        coder.pass(&rules)
        coder.pass(&tls)
        coder.pass(&addresses)
    }
}

extension IngressRule: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&host)
        var hasPaths = paths != nil
        var list = paths ?? []
        coder.pass(&hasPaths)
        coder.pass(&list)
        paths = hasPaths ? list : nil
    }
}

extension IngressPath: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&path)
        coder.pass(&pathType)
        coder.pass(&backend)
    }
}

extension IngressBackend: KeptValue {
    init() { self = .missing }

    /// A service, a resource, or neither.
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        var (form, name, kind, port) = (0, "", "", ServicePort.missing)
        switch self {
        case .service(let service, let its): (form, name, port) = (1, service, its)
        case .resource(let its, let object): (form, name, kind) = (2, object, its)
        case .missing: break
        }
        coder.pass(&form)
        coder.pass(&name)
        coder.pass(&kind)
        coder.pass(&port)
        switch form {
        case 1: self = .service(name: name, port: port)
        case 2: self = .resource(kind: kind, name: name)
        default: self = .missing
        }
    }
}

extension ServicePort: KeptValue {
    init() { self = .missing }

    /// A number, a name, or neither.
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        var (form, number, name) = (0, 0, "")
        switch self {
        case .number(let port): (form, number) = (1, port)
        case .name(let port): (form, name) = (2, port)
        case .missing: break
        }
        coder.pass(&form)
        coder.pass(&number)
        coder.pass(&name)
        switch form {
        case 1: self = .number(number)
        case 2: self = .name(name)
        default: self = .missing
        }
    }
}

extension IngressTLS: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&hosts)
        coder.pass(&secretName)
    }
}

extension IngressClass: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&meta)
        coder.pass(&controller)
    }
}

extension Service: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&meta)
        coder.pass(&type)
        coder.pass(&externalName)
        coder.pass(&clusterIP)
        coder.pass(&ipFamilies)
        coder.pass(&ports)
        coder.pass(&externalIPs)
        coder.pass(&loadBalancerAddresses)
    }
}

extension Service.Port: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&name)
        coder.pass(&port)
        coder.pass(&transport)
        coder.pass(&targetPort)
        coder.pass(&appProtocol)
    }
}

extension EndpointSlice: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&meta)
        coder.pass(&serviceName)
        coder.pass(&addressType)
        coder.pass(&ports)
        coder.pass(&endpoints)
    }
}

extension EndpointSlice.Port: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&name)
        coder.pass(&port)
        coder.pass(&transport)
    }
}

extension EndpointSlice.Endpoint: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&address)
        coder.pass(&isReady)
        coder.pass(&isServing)
        coder.pass(&isTerminating)
        coder.pass(&nodeName)
        coder.pass(&zones)
        coder.pass(&targetKind)
        coder.pass(&targetUID)
        coder.pass(&targetName)
    }
}

extension Secret: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&meta)
        coder.pass(&type)
        coder.pass(&data)
    }
}

extension ConfigMap: KeptValue {
    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&meta)
        coder.pass(&data)
    }
}
