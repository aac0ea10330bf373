using System.Net.Quic;
using System.Net.Sockets;

namespace Sluice.Edge.Tls;

/// <summary>Whether this machine has QUIC, which HTTP/3 runs on. .NET brings it on Windows; elsewhere it is a library of the system.</summary>
public static class QuicRuntime
{
    /// <summary>What is to be done where it is missing.</summary>
    public const string Remedy = "install libmsquic (Debian and Ubuntu: apt install libmsquic, from Microsoft's package repository; Alpine: apk add libmsquic; see docs/http3.md), or go without HTTP/3";

    /// <summary>Why there is none; null: it is there.</summary>
    public static string? Missing { get; } = Find();

    private static string? Find()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows() && !OperatingSystem.IsMacOS())
        {
            return "this system has no QUIC for .NET";
        }

        return QuicListener.IsSupported ? null
            : !Socket.OSSupportsIPv6 ? "this machine has IPv6 switched off, and .NET's QUIC needs sockets of both families"
            : OperatingSystem.IsWindows() ? "this Windows has no TLS 1.3, which QUIC needs: Windows 11 and Windows Server 2022 have"
            : "this machine has no QUIC: the library libmsquic.so.2 is not there, or is older than 2.2.2";
    }
}
