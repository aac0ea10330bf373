using System.Runtime.InteropServices;

namespace Sluice.Edge.Metering.Journal;

/// <summary>
/// The bytes of a mapped file, where they are; the mapping stays until this is disposed, whoever else lets go of it. The handle's own ways to read and write go byte by byte,
/// which was a tenth of what a model call costs.
/// </summary>
internal readonly unsafe ref struct MappedBytes
{
    private readonly SafeBuffer _view;

    /// <summary>Holds on to a mapping.</summary>
    /// <param name="view">The mapping.</param>
    /// <param name="length">How much of it is of use.</param>
    /// <exception cref="ObjectDisposedException">It is not there any more.</exception>
    public MappedBytes(SafeBuffer view, int length)
    {
        byte* first = null;
        view.AcquirePointer(ref first);
        _view = view;
        Span = new Span<byte>(first, length);
    }

    /// <summary>The bytes.</summary>
    public Span<byte> Span { get; }

    public void Dispose() => _view.ReleasePointer();
}
