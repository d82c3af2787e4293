import CSystem
import Glibc

/// A file that is in memory alone and that nobody can change: made whole, then handed to another process.
public enum MemoryFile {
    /// A sealed file with these bytes, closed by exec; nil if the system refuses one.
    public static func make(_ name: String, _ bytes: [UInt8]) -> Int32? {
        let file = csystem_memory_file(name)
        guard file >= 0 else { return nil }
        guard write(bytes, to: file), csystem_seal(file) == 0 else {
            close(file)
            return nil
        }
        return file
    }

    /// What a sealed file of at most 4 GiB holds; nil for anything else.
    public static func read(_ file: Int32) -> [UInt8]? {
        var known = stat()
        guard csystem_is_sealed(file) != 0, fstat(file, &known) == 0,
            (0...Int(UInt32.max)).contains(known.st_size)
        else { return nil }
        let size = Int(known.st_size)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { room, count in
            while count < size, let start = room.baseAddress {
                let got = pread(file, start + count, size - count, off_t(count))
                guard got > 0 else { return }
                count += got
            }
        }
        return bytes.count == size ? bytes : nil
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count, let start = bytes.baseAddress {
                let count = Glibc.write(file, start + done, bytes.count - done)
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }
}
