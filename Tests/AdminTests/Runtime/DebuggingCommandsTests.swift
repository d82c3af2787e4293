import Testing

@testable import Admin

@Suite("What is shown of the process")
struct DebuggingCommandsTests {
    @Test("a thread is read from what the system says of it")
    func thread() {
        let thread = SystemView.thread(12, stat: "12 (worker-1) S 1 12 12 0\n", schedule: "5000 7 3\n")
        #expect(thread == SystemView.Thread(id: 12, name: "worker-1", state: "S", processorTime: 5_000))
        #expect(SystemView.thread(12, stat: "12 (a) b) R 1", schedule: "")?.name == "a) b")
        #expect(SystemView.thread(12, stat: "", schedule: "") == nil)
        #expect(SystemView.threads().count > 0)
        #expect(SystemView.descriptors().contains { $0.number == 2 })
    }

    @Test("workers are threads, and the others stand behind them")
    func threads() {
        let names = ["sluice", "worker-1", "worker-0"]
        let threads = names.enumerated().map { place, name in
            SystemView.Thread(id: place + 1, name: name, state: "S", processorTime: 10)
        }
        let lines = DebuggingCommands.text(of: threads, active: [0, 4]).split(separator: "\n")
        #expect(lines[0] == "  Thread 1 : id=3 act=0 rq=0 state=S")
        #expect(lines[1] == "      1/2")
        #expect(lines[3] == "  Thread 2 : id=2 act=1 rq=4 state=S")
        #expect(lines[6] == "  Thread sluice : id=1 state=S")
        #expect(DebuggingCommands.line(12, "socket:[1]") == "     12 : socket:[1]\n")
    }
}
