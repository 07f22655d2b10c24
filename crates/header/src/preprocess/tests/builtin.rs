//! Built-in headers against the real ones: a table of sizes, offsets and constants, compiled once
//! with a compiler's own headers and once as we preprocess it without any, is the same data.

use std::process::Command;

use cwire_tests::tool;

use super::compilers::scratch;
use super::*;

const STANDARD: &[&str] = &[
    "stddef.h",
    "stdint.h",
    "stdbool.h",
    "limits.h",
    "inttypes.h",
    "stdarg.h",
    "stdlib.h",
    "wchar.h",
    "wctype.h",
    "time.h",
    "stdalign.h",
    "sys/types.h",
    "string.h",
    "stdio.h",
    "errno.h",
    "float.h",
];
const STANDARD_TYPES: &str = "size_t ptrdiff_t wchar_t max_align_t int8_t int16_t int32_t int64_t uint8_t uint16_t \
    uint32_t uint64_t int_least8_t int_least16_t int_least32_t int_least64_t int_fast8_t int_fast16_t int_fast32_t \
    int_fast64_t uint_fast8_t uint_fast16_t uint_fast32_t uint_fast64_t intptr_t uintptr_t intmax_t uintmax_t \
    va_list div_t ldiv_t lldiv_t imaxdiv_t wint_t wctype_t mbstate_t time_t clock_t bool dev_t ino_t off_t";
const STANDARD_STRUCTS: &str = "struct_tm.tm_sec struct_tm.tm_isdst";
const STANDARD_CONSTANTS: &str = "CHAR_BIT SCHAR_MIN SCHAR_MAX UCHAR_MAX CHAR_MIN CHAR_MAX SHRT_MIN SHRT_MAX USHRT_MAX \
    INT_MIN INT_MAX UINT_MAX LONG_MIN LONG_MAX ULONG_MAX LLONG_MIN LLONG_MAX ULLONG_MAX INT8_MIN INT8_MAX UINT8_MAX \
    INT16_MIN INT16_MAX UINT16_MAX INT32_MIN INT32_MAX UINT32_MAX INT64_MIN INT64_MAX UINT64_MAX INT_FAST16_MAX \
    INT_FAST32_MIN UINT_FAST16_MAX INTPTR_MIN INTPTR_MAX UINTPTR_MAX INTMAX_MAX UINTMAX_MAX PTRDIFF_MAX SIZE_MAX \
    WCHAR_MIN WCHAR_MAX WINT_MIN WINT_MAX INT8_C(1) UINT16_C(1) INT32_C(1) UINT32_C(1) INT64_C(1) UINT64_C(1) \
    INTMAX_C(1) UINTMAX_C(1) true false EOF BUFSIZ FILENAME_MAX SEEK_SET SEEK_CUR SEEK_END RAND_MAX PATH_MAX \
    ENOENT EINVAL ERANGE EAGAIN DBL_MANT_DIG LDBL_MANT_DIG FLT_DIG";

const POSIX: &[&str] = &[
    "sys/time.h",
    "sys/socket.h",
    "sys/uio.h",
    "sys/un.h",
    "netinet/in.h",
    "arpa/inet.h",
    "net/if.h",
    "net/ethernet.h",
    "endian.h",
    "byteswap.h",
    "signal.h",
    "sys/param.h",
    "linux/types.h",
    "asm/byteorder.h",
    "unistd.h",
];
const POSIX_TYPES: &str = "ssize_t mode_t nlink_t uid_t gid_t pid_t id_t blksize_t blkcnt_t fsblkcnt_t fsfilcnt_t \
    suseconds_t useconds_t key_t clockid_t timer_t caddr_t daddr_t loff_t quad_t u_quad_t fsid_t u_char u_short u_int \
    u_long ushort uint ulong u_int8_t u_int64_t register_t fd_set sigset_t socklen_t sa_family_t in_addr_t in_port_t \
    off64_t ino64_t __u8 __s8 __u16 __u32 __u64 __s64 __le16 __be32 __be64 __sum16 __wsum __aligned_u64 \
    __kernel_long_t __kernel_size_t __kernel_time_t __kernel_loff_t __kernel_pid_t";
const POSIX_STRUCTS: &str = "struct_timespec.tv_nsec struct_timeval.tv_usec struct_itimerspec.it_value struct_tm.tm_gmtoff \
    struct_tm.tm_zone struct_timezone.tz_dsttime struct_itimerval.it_value struct_in_addr.s_addr struct_in6_addr.s6_addr32 \
    struct_sockaddr.sa_data struct_sockaddr_in.sin_port struct_sockaddr_in.sin_addr struct_sockaddr_in6.sin6_addr \
    struct_sockaddr_in6.sin6_scope_id struct_sockaddr_storage.ss_family struct_sockaddr_un.sun_path struct_iovec.iov_len \
    struct_msghdr.msg_iovlen struct_msghdr.msg_controllen struct_msghdr.msg_flags struct_cmsghdr.cmsg_type \
    struct_linger.l_linger struct_ip_mreq.imr_interface struct_ether_addr.ether_addr_octet struct_ether_header.ether_type";
const POSIX_CONSTANTS: &str = "__BYTE_ORDER BYTE_ORDER LITTLE_ENDIAN __BIG_ENDIAN AF_INET AF_INET6 AF_UNIX SOCK_DGRAM \
    INADDR_ANY INADDR_LOOPBACK INET6_ADDRSTRLEN IFNAMSIZ ETH_ALEN IPPROTO_TCP IPPROTO_IPV6 MAXPATHLEN NBBY \
    CLOCK_MONOTONIC CLOCKS_PER_SEC FD_SETSIZE";

const WINDOWS: &[&str] = &["winsock2.h", "ws2tcpip.h", "windows.h"];
const WINDOWS_TYPES: &str = "CHAR UCHAR BYTE BOOLEAN SHORT USHORT WORD INT UINT BOOL LONG ULONG DWORD LONGLONG ULONGLONG \
    DWORDLONG FLOAT WCHAR TCHAR HANDLE HWND HINSTANCE HMODULE LPVOID LPSTR LPCWSTR PDWORD INT8 INT16 INT32 INT64 UINT8 \
    UINT16 UINT32 UINT64 LONG32 ULONG64 DWORD32 DWORD64 INT_PTR UINT_PTR LONG_PTR ULONG_PTR DWORD_PTR SIZE_T SSIZE_T WPARAM \
    LPARAM LRESULT HRESULT ATOM LANGID COLORREF LARGE_INTEGER ULARGE_INTEGER LUID FILETIME SYSTEMTIME POINT RECT SIZE GUID \
    LIST_ENTRY SECURITY_ATTRIBUTES OVERLAPPED SOCKET u_char u_short u_int u_long socklen_t fd_set IN_ADDR IN6_ADDR";
const WINDOWS_STRUCTS: &str = "struct_timeval.tv_usec struct_in_addr.s_addr struct_sockaddr.sa_data struct_sockaddr_in.sin_addr \
    struct_sockaddr_in6.sin6_addr struct_sockaddr_in6.sin6_scope_id struct_sockaddr_storage.ss_family struct_linger.l_linger \
    GUID.Data4 OVERLAPPED.hEvent SYSTEMTIME.wMilliseconds LARGE_INTEGER.u RECT.bottom";
const WINDOWS_CONSTANTS: &str = "MAX_PATH TRUE FALSE AF_INET AF_INET6 SOCK_DGRAM IPPROTO_TCP INET6_ADDRSTRLEN FD_SETSIZE \
    MAXDWORD MAKEWORD(1,2) MAKELONG(1,2) LOBYTE(0x102) HIWORD(0x10002) FIELD_OFFSET(POINT,y) WM_USER ANYSIZE_ARRAY";

/// A C text that includes headers and tells about what they declare.
fn table(headers: &[&str], types: &[&str], fields: &[&str], constants: &[&str]) -> String {
    let mut text = String::new();
    for header in headers {
        text.push_str(&format!("#include <{header}>\n"));
    }
    let words = |lists: &[&str]| {
        lists
            .iter()
            .flat_map(|list| list.split_ascii_whitespace())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let plain = |name: &str| name.replace(|char: char| !char.is_ascii_alphanumeric(), "_");
    for ty in &words(types) {
        let name = plain(ty);
        // Whether it is signed shows in arithmetic types only; a cast of others would not compile.
        text.push_str(&format!(
            "const unsigned type_{name}[2] = {{ sizeof({ty}), __alignof__({ty}) }};\n"
        ));
        if ty.ends_with("_t")
            && (ty.starts_with("int") || ty.starts_with("uint") || ty.starts_with('w'))
        {
            text.push_str(&format!("const unsigned sign_{name} = ({ty})-1 < 0;\n"));
        }
    }
    for field in &words(fields) {
        let name = plain(field);
        let (record, field) = field.split_once('.').expect("it names a field");
        let record = record.replacen("struct_", "struct ", 1);
        text.push_str(&format!(
            "const unsigned field_{name}[4] = {{ sizeof({record}), __alignof__({record}), __builtin_offsetof({record}, {field}), \
             sizeof((({record} *)0)->{field}) }};\n"
        ));
    }
    for constant in &words(constants) {
        let name = plain(constant);
        text.push_str(&format!(
            "const unsigned long long value_{name} = (unsigned long long)({constant});\nconst unsigned width_{name} = sizeof({constant});\n"
        ));
    }
    text
}

/// The data that a compiler makes of a file, as assembler text.
fn data(command: &mut Command, path: &Path) -> Result<String, String> {
    let output =
        command.args(["-S", "-w", "-O0", "-o", "-", "-xc"]).arg(path).output().expect("it starts");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter(|line| !line.contains(".file") && !line.contains(".ident"));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// Our tokens as text, pragmas on lines of their own.
fn text_of(preprocessed: &Preprocessed) -> String {
    let lines =
        spellings(preprocessed).into_iter().map(|token| match token.starts_with("#pragma") {
            true => format!("\n{token}\n"),
            false => token + " ",
        });
    lines.collect()
}

fn check(name: &str, flags: &[&str], abi: Abi, table: &str) -> Vec<String> {
    let Some(mut real) = tool(name) else { return Vec::new() };
    let mut ours = tool(name).expect("it was there");
    let file = format!("{}.h", abi.triple());
    let theirs = data(real.args(flags), scratch(&format!("real-{file}"), table).as_ref());
    let options = Options::new(abi);
    let preprocessed = match run(&[("main.h", table)], &options) {
        Ok(preprocessed) => preprocessed,
        Err(error) => return vec![format!("{}: {error}", abi.triple())],
    };
    let ours =
        data(ours.args(flags), scratch(&format!("ours-{file}"), &text_of(&preprocessed)).as_ref());
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => differences(abi, &ours, &theirs),
        (Err(error), _) => vec![format!("{}: ours: {error}", abi.triple())],
        (_, Err(error)) => vec![format!("{}: theirs: {error}", abi.triple())],
    }
}

/// Names of tables whose data differ.
fn differences(abi: Abi, ours: &str, theirs: &str) -> Vec<String> {
    let mut label = String::new();
    let mut wrong = Vec::new();
    for (our, their) in ours.lines().zip(theirs.lines()) {
        if let Some(name) = our.strip_suffix(':') {
            label = name.to_owned();
        }
        if our != their {
            wrong.push(format!("{}: {label}: {our} is not {their}", abi.triple()));
        }
    }
    if ours.lines().count() != theirs.lines().count() {
        wrong.push(format!("{}: other tables", abi.triple()));
    }
    wrong
}

#[test]
fn built_in_headers_declare_what_the_real_ones_do() {
    let linux = [
        ("gcc", Abi::X86_64_LINUX),
        ("aarch64-linux-gnu-gcc", Abi::AARCH64_LINUX),
        ("arm-linux-gnueabihf-gcc", Abi::ARM_LINUX),
        ("riscv64-linux-gnu-gcc", Abi::RISCV64_LINUX),
        ("powerpc-linux-gnu-gcc", Abi::POWERPC_LINUX),
        ("powerpc64-linux-gnu-gcc", Abi::POWERPC64_LINUX),
        ("powerpc64le-linux-gnu-gcc", Abi::POWERPC64LE_LINUX),
        ("s390x-linux-gnu-gcc", Abi::S390X_LINUX),
        ("mips-linux-gnu-gcc", Abi::MIPS_LINUX),
    ];
    let posix = table(
        &[STANDARD, POSIX].concat(),
        &[STANDARD_TYPES, POSIX_TYPES],
        &[STANDARD_STRUCTS, POSIX_STRUCTS],
        &[STANDARD_CONSTANTS, POSIX_CONSTANTS],
    );
    let mut wrong = Vec::new();
    for (name, abi) in linux {
        // So that the real ones declare what glibc hides otherwise.
        let posix = format!("#define _GNU_SOURCE 1\n{posix}");
        wrong.extend(check(name, &[], abi, &posix));
    }
    let windows = table(
        &[WINDOWS, STANDARD].concat(),
        &[STANDARD_TYPES, WINDOWS_TYPES],
        &[STANDARD_STRUCTS, WINDOWS_STRUCTS],
        &[STANDARD_CONSTANTS, WINDOWS_CONSTANTS],
    );
    for (name, abi) in [
        ("x86_64-w64-mingw32-gcc", Abi::X86_64_WINDOWS_GNU),
        ("i686-w64-mingw32-gcc", Abi::I686_WINDOWS_GNU),
    ] {
        wrong.extend(check(name, &[], abi, &windows));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
