import Basics
import Wire

/// What is known of an exchange's trace while it runs; its span is written when it ends. Most exchanges have none.
struct RunningTrace: ~Copyable {
    /// What the server is told: the trace, and our span.
    var own = TraceParent.none
    /// The client's span; 0 if the trace begins here.
    var parent: UInt64 = 0
    /// The client's `tracestate`, in the request's head.
    var state = HeadRange()
    /// What the span is called; without memory it is the method and the route's path.
    var name = Buffer()

    /// Whether there is one.
    var isOn: Bool { own.span != 0 }
}
