import Glibc
import Testing

@testable import Wire

@Suite("Descriptors for servers")
struct DescriptorReserveTests {
    @Test(
        "it is the last quarter below the limit",
        arguments: [(1024, 768), (20_000, 15_000), (3, 3), (0, 0), (UInt.max, Int32.max)] as [(UInt, Int32)])
    func quarter(limit: UInt, first: Int32) {
        let reserve = DescriptorReserve(limit: limit)
        #expect(reserve.first == first)
        #expect(reserve.contains(first) && (first == 0 || !reserve.contains(first - 1)))
    }

    @Test("it is in use when the lowest free number lies in it")
    func inUse() {
        #expect(DescriptorReserve(limit: 0).isInUse(copying: 0))
        #expect(!DescriptorReserve(limit: .max).isInUse(copying: 0))
        #expect(DescriptorReserve(limit: .max).isInUse(copying: -1), "it can not tell: better not to accept")
    }

    @Test("its limit is the one in force")
    func inForce() {
        #expect(DescriptorReserve().first > 0)
        #expect(DescriptorReserve.isExhaustion(EMFILE) && !DescriptorReserve.isExhaustion(ECONNREFUSED))
    }
}
