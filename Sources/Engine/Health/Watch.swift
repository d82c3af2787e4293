import Basics
import Model
import Wire

/// What the checker keeps of a server: what is asked of it, what came of it, what follows.
final class Watch {
    let server: WatchedServer
    let schedule: CheckSchedule
    let agentSchedule: CheckSchedule?
    private(set) var state: HealthState
    private(set) var agentState = HealthState(rise: 1, fall: 1)
    /// What was last told.
    var told: ServerCondition
    var probe: Ref<Probe>?
    var agentProbe: Ref<Probe>?
    /// The sessions its checks resume; made by the first one.
    var sessions: TLSClientSessions?
    /// The last good check was conditional.
    private var isDraining = false
    private var order: AgentReply.Order?
    private var weight: AgentWeight?
    private var maxConnections: Int?

    init(_ server: WatchedServer) {
        let check = server.plan.check
        self.server = server
        schedule = server.plan.schedule
        agentSchedule = check.agent.map { CheckSchedule(interval: $0.interval) }
        state = HealthState(rise: check.rise, fall: check.fall, isUp: server.isUp || check.probe == nil)
        told = ServerCondition(isUp: server.isUp)
        if !server.isUp, check.probe == nil { agentState.fail() }
        if let restored = server.restored { begin(as: restored, check.probe != nil) }
    }

    /// Goes on from what was known before this process.
    private func begin(as restored: RestoredHealth, _ isChecked: Bool) {
        let before = HealthState(rise: state.rise, fall: state.fall, level: restored.level)
        if isChecked { state = before } else { agentState.set(isUp: before.isUp) }
        isDraining = restored.isDraining
        told = ServerCondition(isUp: before.isUp, isDraining: before.isUp && isDraining)
    }

    /// What follows from all that is known. A server is up if nobody says it is not.
    var condition: ServerCondition {
        let isUp = state.isUp && agentState.isUp && order != .maintenance
        return ServerCondition(
            isUp: isUp, isDraining: isUp && isDraining, isDrained: isUp && order == .drain,
            isInMaintenance: order == .maintenance, weight: weight, maxConnections: maxConnections)
    }

    /// As HAProxy's statistics show it.
    var description: String {
        if order == .maintenance { return "MAINT" }
        if !state.isUp { return state.description }
        if !agentState.isUp { return "DOWN (agent)" }
        return order == .drain ? "DRAIN" : isDraining ? "NOLB" : state.description
    }

    /// Takes a check's result in; true if it was worth telling.
    func note(_ result: CheckResult) -> Bool {
        switch result.status.outcome {
        case .passed:
            isDraining = false
            return state.succeed()
        case .passedConditionally:
            isDraining = true
            return state.succeed()
        case .failed: return state.fail()
        case .neutral: return false
        }
    }

    /// Takes an agent's words in. That it cannot be asked says nothing about the server.
    func note(_ reply: AgentReply) {
        if let isUp = reply.isUp { agentState.set(isUp: isUp) }
        if let order = reply.order { self.order = order }
        if let weight = reply.weight { self.weight = weight }
        if let maxConnections = reply.maxConnections { self.maxConnections = maxConnections }
    }

    /// Takes an operator's word.
    func force(_ health: ForcedHealth) {
        switch health {
        case .server(let word):
            state.set(isUp: word != .down)
            isDraining = word == .stopping
        case .agent(let isUp): agentState.set(isUp: isUp)
        case .afterMaintenance: state = HealthState(rise: state.rise, fall: state.fall)
        }
    }

    /// Takes in that too much of its traffic failed; true if it lost by it.
    func noteTraffic(_ consequence: ServerObservation.Consequence) -> Bool {
        switch consequence {
        case .fastInterval: return false
        case .failedCheck: break
        case .suddenDeath: state.prepareSuddenDeath()
        case .down: state.weaken()
        }
        return state.fail()
    }

    /// From the end of a check to the next one, milliseconds.
    func delay(of role: Probe.Role, random: UInt64) -> Int {
        guard role == .agent, let agentSchedule else {
            return schedule.delay(after: state, isServerDown: !condition.isUp, random: random)
        }
        return agentSchedule.delay(after: agentState, isServerDown: false, random: random)
    }
}
