//! The names and the version of this host.

use std::io;
use std::path::Path;
use std::ptr::null_mut;

use windows_sys::Wdk::System::SystemServices::RtlGetVersion;
use windows_sys::Win32::Storage::FileSystem::GetDiskFreeSpaceExW;
use windows_sys::Win32::System::Diagnostics::Debug::{
    GetErrorMode, SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SetErrorMode,
};
use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_SZ, RegGetValueW};
use windows_sys::Win32::System::SystemInformation::{
    ComputerNamePhysicalDnsHostname, GetComputerNameExW, GlobalMemoryStatusEx, MEMORYSTATUSEX, OSVERSIONINFOW,
};

use super::check;
use super::text::{until_zero, wide, wide_path};

/// The key of the registry that describes the system.
const KEY: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";

/// The first build of Windows 11, whose registry still says 10.
const WINDOWS_11: u32 = 22000;

/// The longest name, in UTF-16 units.
const LONGEST: usize = 512;

/// Returns the name of the host.
pub(crate) fn host() -> Option<String> {
    let mut name = [0; LONGEST];
    let mut length = LONGEST as u32;
    // SAFETY: the buffer has that length.
    let found =
        unsafe { GetComputerNameExW(ComputerNamePhysicalDnsHostname, name.as_mut_ptr(), &raw mut length) };
    (found != 0).then(|| until_zero(&name).to_string_lossy().into_owned()).filter(|name| !name.is_empty())
}

/// Returns the major and minor version, and the build.
pub(crate) fn version() -> Option<(u32, u32, u32)> {
    let mut facts = OSVERSIONINFOW {
        dwOSVersionInfoSize: size_of::<OSVERSIONINFOW>() as u32,
        ..OSVERSIONINFOW::default()
    };
    // SAFETY: the structure knows its own length.
    let status = unsafe { RtlGetVersion(&raw mut facts) };
    (status == 0).then_some((facts.dwMajorVersion, facts.dwMinorVersion, facts.dwBuildNumber))
}

/// Returns the name and edition, as in `Windows Server 2022 Datacenter`.
pub(crate) fn product(version: Option<(u32, u32, u32)>) -> Option<String> {
    let mut name = [0_u16; LONGEST];
    let mut length = (LONGEST * size_of::<u16>()) as u32;
    let (key, value) = (wide(KEY), wide("ProductName"));
    // SAFETY: the names end with a zero, and the buffer has that length.
    let status = unsafe {
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            key.as_ptr(),
            value.as_ptr(),
            RRF_RT_REG_SZ,
            null_mut(),
            name.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    let name = until_zero(&name).to_string_lossy().into_owned();
    let is_11 = version.is_some_and(|(.., build)| build >= WINDOWS_11);
    let name = if is_11 { name.replace("Windows 10", "Windows 11") } else { name };
    (status == 0 && !name.is_empty()).then_some(name)
}

/// Returns the size of the main memory, in bytes.
pub(crate) fn memory() -> Option<u64> {
    let mut facts =
        MEMORYSTATUSEX { dwLength: size_of::<MEMORYSTATUSEX>() as u32, ..MEMORYSTATUSEX::default() };
    // SAFETY: the structure knows its own length.
    check(unsafe { GlobalMemoryStatusEx(&raw mut facts) }).ok()?;
    Some(facts.ullTotalPhys)
}

/// Returns the free space and the size of the volume with the directory at `path`, in bytes.
pub(crate) fn space(path: &Path) -> io::Result<(u64, u64)> {
    let directory = wide_path(path)?;
    let (mut free, mut size) = (0, 0);
    // SAFETY: the path ends with a zero, and both numbers live longer than the call.
    check(unsafe { GetDiskFreeSpaceExW(directory.as_ptr(), &raw mut free, &raw mut size, null_mut()) })?;
    Ok((free, size))
}

/// Makes a crash end the process without a report, which would contain its memory.
pub(crate) fn forbid_error_reports() {
    // SAFETY: the calls have no pointer.
    unsafe { SetErrorMode(GetErrorMode() | SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX) };
}
