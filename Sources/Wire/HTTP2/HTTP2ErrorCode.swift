/// Why a stream or a connection ended, as it travels (RFC 9113 7). A peer may send codes that nobody defined.
public struct HTTP2ErrorCode: RawRepresentable, Equatable, Sendable {
    /// The number in the frame.
    public let rawValue: UInt32

    /// The code of a number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Nothing was wrong.
    public static var noError: Self { Self(rawValue: 0x0) }
    /// The peer broke the protocol.
    public static var protocolError: Self { Self(rawValue: 0x1) }
    /// Our own fault.
    public static var internalError: Self { Self(rawValue: 0x2) }
    /// More came than the window allowed.
    public static var flowControlError: Self { Self(rawValue: 0x3) }
    /// SETTINGS were not acknowledged in time.
    public static var settingsTimeout: Self { Self(rawValue: 0x4) }
    /// A frame for a stream that had ended.
    public static var streamClosed: Self { Self(rawValue: 0x5) }
    /// A frame of a wrong size.
    public static var frameSizeError: Self { Self(rawValue: 0x6) }
    /// The stream was not begun: it may be repeated elsewhere.
    public static var refusedStream: Self { Self(rawValue: 0x7) }
    /// The stream is not needed any more.
    public static var cancel: Self { Self(rawValue: 0x8) }
    /// The compressed fields can not be understood.
    public static var compressionError: Self { Self(rawValue: 0x9) }
    /// The tunnel's other end failed.
    public static var connectError: Self { Self(rawValue: 0xA) }
    /// The peer behaves as if it wanted to overload us.
    public static var enhanceYourCalm: Self { Self(rawValue: 0xB) }
    /// TLS is too weak.
    public static var inadequateSecurity: Self { Self(rawValue: 0xC) }
    /// Only HTTP/1.1 will do.
    public static var http11Required: Self { Self(rawValue: 0xD) }
}
