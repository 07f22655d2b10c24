//! Headers that are built in, so that a plain header needs no `-I`.
//!
//! They hold the types and constants that declarations use, right for every ABI, and no functions.
//! A real header that the search finds comes before them.

use cwire_layout::abi::Abi;

use super::predefined::Compiler;
use crate::Lang;

/// A header and who has it.
struct BuiltIn {
    name: &'static str,
    text: &'static str,
    place: Place,
}

/// Which compilers come with a header.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// All.
    Standard,
    /// All but those for Windows; built in there, too, but `__has_include` says no.
    Posix,
    /// Those for Linux; otherwise as [`Place::Posix`].
    Linux,
    /// Those for Windows, and nobody else: its types are not those of other systems.
    Windows,
    /// Those for Windows; built in everywhere, since it only packs.
    Packing,
    /// All, in C++.
    Cxx,
}

/// Which built-in headers a run may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Available {
    compiler: Compiler,
    linux: bool,
    lang: Lang,
}

impl Available {
    pub(super) fn new(abi: &Abi, lang: Lang) -> Self {
        Self { compiler: Compiler::of(abi), linux: abi.triple().contains("-linux-"), lang }
    }

    /// Name and text of a built-in header. `strict`: only where the ABI's compiler has it, as
    /// `__has_include` asks.
    pub(super) fn find(self, name: &str, strict: bool) -> Option<(&'static str, &'static str)> {
        let windows = self.compiler.is_windows();
        // Windows takes `<Windows.h>` and `<windows.h>` for the same file.
        let is_it = |known: &str| known == name || (windows && known.eq_ignore_ascii_case(name));
        let header = HEADERS.iter().find(|header| is_it(header.name));
        if let Some(header) = header {
            let has = match header.place {
                Place::Standard => true,
                Place::Posix => !strict || !windows,
                Place::Linux => !strict || self.linux,
                Place::Windows => windows,
                Place::Packing => !strict || windows,
                Place::Cxx => self.lang == Lang::Cxx,
            };
            return has.then_some((header.name, header.text));
        }
        let library = LIBRARY.split_ascii_whitespace().find(|known| *known == name)?;
        (self.lang == Lang::Cxx).then_some((library, LIBRARY_TEXT))
    }
}

/// Headers of the C++ library whose types have no layout here: they may be included, and a record
/// that uses what they declare is an error of its own. `std::array` needs no declaration.
const LIBRARY: &str = "\
algorithm any array atomic barrier bit bitset charconv chrono compare complex concepts \
condition_variable coroutine deque exception execution expected filesystem format \
forward_list fstream functional future initializer_list iomanip ios iosfwd iostream istream \
iterator latch limits list locale map memory memory_resource mutex new numbers numeric \
optional ostream queue random ranges ratio regex scoped_allocator semaphore set shared_mutex \
source_location span sstream stack stdexcept stop_token streambuf string string_view \
syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map \
unordered_set utility valarray variant vector version";

const LIBRARY_TEXT: &str = include_str!("../../builtin/cxx/library");

macro_rules! headers {
    ($($place:ident $dir:literal: $($name:literal)*;)*) => {
        const HEADERS: &[BuiltIn] = &[$($(BuiltIn {
            name: $name,
            text: include_str!(concat!("../../builtin/", $dir, "/", $name)),
            place: Place::$place,
        },)*)*];
    };
}

headers! {
    Standard "c":
        "assert.h" "ctype.h" "errno.h" "fcntl.h" "fenv.h" "float.h" "inttypes.h" "iso646.h"
        "limits.h" "locale.h" "math.h" "setjmp.h" "signal.h" "stdalign.h" "stdarg.h"
        "stdbool.h" "stddef.h" "stdint.h" "stdio.h" "stdlib.h" "stdnoreturn.h" "string.h"
        "sys/stat.h" "sys/types.h" "time.h" "uchar.h" "wchar.h" "wctype.h";
    Posix "c":
        "arpa/inet.h" "dirent.h" "getopt.h" "grp.h" "machine/endian.h" "net/ethernet.h"
        "net/if.h" "netdb.h" "netinet/in.h" "poll.h" "pwd.h" "strings.h" "sys/cdefs.h"
        "sys/endian.h" "sys/ioctl.h" "sys/mman.h" "sys/param.h" "sys/select.h" "sys/socket.h"
        "sys/time.h" "sys/uio.h" "sys/un.h" "sys/wait.h" "syslog.h" "termios.h" "unistd.h";
    Linux "c":
        "asm/byteorder.h" "asm/types.h" "byteswap.h" "endian.h" "features.h"
        "linux/if_ether.h" "linux/posix_types.h" "linux/stddef.h" "linux/types.h";
    Windows "windows":
        "basetsd.h" "guiddef.h" "minwindef.h" "ntdef.h" "sal.h" "tchar.h" "winbase.h"
        "windef.h" "windows.h" "winnt.h" "winsock.h" "winsock2.h" "ws2tcpip.h" "wtypes.h"
        "wtypesbase.h";
    Packing "windows":
        "poppack.h" "pshpack1.h" "pshpack2.h" "pshpack4.h" "pshpack8.h";
    Cxx "cxx":
        "cassert" "cctype" "cerrno" "cfloat" "cinttypes" "ciso646" "climits" "clocale" "cmath"
        "csignal" "cstdalign" "cstdarg" "cstdbool" "cstddef" "cstdint" "cstdio" "cstdlib"
        "cstring" "ctime" "cuchar" "cwchar" "cwctype";
}
