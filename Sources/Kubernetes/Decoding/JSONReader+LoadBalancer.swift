import Basics

extension JSONReader {
    /// The `loadBalancer.ingress` of a `status`, which must be next; entries that say nothing are left out.
    mutating func loadBalancerStatus() throws(JSONError) -> [LoadBalancerAddress] {
        var addresses: [LoadBalancerAddress] = []
        try openObject()
        while let key = try nextKey() {
            guard case "loadBalancer" = key else {
                try skipValue()
                continue
            }
            try openObject()
            while let key = try nextKey() {
                if case "ingress" = key { addresses += try loadBalancerAddresses() } else { try skipValue() }
            }
        }
        return addresses
    }

    private mutating func loadBalancerAddresses() throws(JSONError) -> [LoadBalancerAddress] {
        var addresses: [LoadBalancerAddress] = []
        try openList()
        while try nextElement() {
            var address = LoadBalancerAddress()
            try openObject()
            while let key = try nextKey() {
                switch key {
                case "ip": address.ip = try stringOrNull() ?? ""
                case "hostname": address.hostname = try stringOrNull() ?? ""
                default: try skipValue()
                }
            }
            if address != LoadBalancerAddress() { addresses.append(address) }
        }
        return addresses
    }
}
