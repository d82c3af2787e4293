import Admin
import Synchronization
import Wire

/// What the admission webhook has counted.
final class AdmissionCounts: Sendable {
    private let known = Mutex(Known())

    private struct Known {
        var reviews: [String: Int] = [:]
        var refused: [UInt16: Int] = [:]
        var handshakes: [String: Int] = [:]
        var times = [UInt64](repeating: 0, count: AdmissionCounts.bounds.count + 1)
        var seconds = 0.0
    }

    private static let bounds = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5]

    /// A review was answered.
    func note(_ result: String, since begun: UInt64) {
        let seconds = Double(Clock.now() &- begun) / 1e9
        known.withLock { known in
            known.reviews[result, default: 0] += 1
            known.times[
                AdmissionCounts.bounds.firstIndex { seconds <= $0 } ?? AdmissionCounts.bounds.count] += 1
            known.seconds += seconds
        }
    }

    /// A request did not come so far as to be a review.
    func note(refused status: UInt16) { known.withLock { $0.refused[status, default: 0] += 1 } }

    /// A handshake did not come about.
    func note(handshake failure: HandshakeFailure) {
        known.withLock { $0.handshakes[failure.rawValue, default: 0] += 1 }
    }

    /// The families at this moment.
    func families(certificateEnd: Int64, writes: [String: Int]) -> [MetricFamily] {
        let known = known.withLock { $0 }
        var times = MetricFamily(
            "sluice_admission_review_seconds", .histogram, "What judging a review took, in seconds.", [])
        times.append(HistogramCounts(bounds: AdmissionCounts.bounds, counts: known.times, sum: known.seconds))
        return [
            MetricFamily(
                "sluice_admission_reviews_total", .counter, "Reviews that were answered, by what was said.",
                known.reviews.sorted { $0.key < $1.key }.map { .init(Double($0.value), ["result": $0.key]) }),
            times,
            MetricFamily(
                "sluice_admission_requests_refused_total", .counter,
                "Requests to the webhook that held no review, by the status they got.",
                known.refused.sorted { $0.key < $1.key }.map {
                    .init(Double($0.value), ["status": "\($0.key)"])
                }),
            MetricFamily(
                "sluice_admission_handshakes_failed_total", .counter,
                "TLS handshakes with the webhook that failed, by reason.",
                known.handshakes.sorted { $0.key < $1.key }.map {
                    .init(Double($0.value), ["reason": $0.key])
                }),
            MetricFamily(
                "sluice_admission_certificate_end_seconds", .gauge,
                "When the webhook's certificate ends, in seconds since 1970; 0 without one.",
                Double(certificateEnd)),
            MetricFamily(
                "sluice_admission_writes_total", .counter,
                "Writes of the webhook's certificate and of whom to believe, by how they ended.",
                writes.sorted { $0.key < $1.key }.map { .init(Double($0.value), ["result": $0.key]) }),
        ]
    }
}
