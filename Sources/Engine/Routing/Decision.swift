import Basics
public import Model
import Wire

/// What a route would do with a request, phase by phase: conditions, formats and redirects are the engine's own, asked about a request
/// that nobody has sent. What cannot be known of it (who the client is, chance, what others have done) leaves a step a guess.
public struct Decision: Sendable, Equatable {
    /// In the order of `RouteRules`.
    public private(set) var steps: [Step] = []
    /// Phases that have something to say and are not reached.
    public private(set) var unreached: [Phase] = []
    /// Whether a step answers it, without a doubt.
    public private(set) var isAnswered = false
    /// Where it goes if nothing answers it; nil: a backend that does not exist, or an answer.
    public private(set) var backend: BackendName?

    /// A part of the way, as ingress-nginx has it.
    public enum Phase: String, Sendable, CaseIterable {
        case trace
        case bodySize = "body size"
        case redirect
        case secure = "TLS"
        case servers
        case limits
        case access
        case authorization
        case mirror
        case request
        case backend
        case answer
    }

    /// One thing that was asked.
    public struct Step: Sendable, Equatable {
        /// When.
        public var phase: Phase
        /// How it came out.
        public var outcome: Outcome
        /// What it is about.
        public var text: String
    }

    /// How a step came out.
    public enum Outcome: Sendable, Equatable {
        /// It has nothing to do with this request.
        case passes
        /// It does something to the request, which goes on.
        case acts
        /// It answers the request.
        case ends
        /// That depends on what is not known.
        case depends(Set<Unknown>)
    }

    /// What nobody can know of a request that was not sent.
    public enum Unknown: String, Sendable, CaseIterable {
        case client
        case connection
        case chance
        case time
        case state
        case answer
    }

    /// Nil if the request is none that would be read.
    init?(_ request: AskedRequest, _ route: Route, _ target: RouteTarget?, in configuration: Configuration) {
        guard let source = AskedSource(request, users: configuration.userLists) else { return nil }
        var workspace = SampleWorkspace()
        workspace.reset()
        let walk = DecisionWalk(source: source, route: route, target: target, configuration: configuration)
        for phase in Phase.allCases {
            let found = walk.steps(of: phase, &workspace)
            guard !isAnswered || phase == .answer else {
                if !found.isEmpty { unreached.append(phase) }
                continue
            }
            if isAnswered {
                // Only what is about all answers.
                steps += walk.afterwards()
                continue
            }
            for step in found {
                steps.append(step)
                guard step.outcome == .ends else { continue }
                isAnswered = true
                break
            }
        }
        backend = isAnswered ? nil : walk.chosen
    }
}
