using System.Globalization;
using System.Text;

namespace Sluice.Revisions.Prompts;

/// <summary>Takes text up to a length.</summary>
internal sealed class BoundedText(int longest) : TextWriter(CultureInfo.InvariantCulture)
{
    private readonly StringBuilder _text = new();

    public override Encoding Encoding => Encoding.Unicode;

    /// <exception cref="PromptBoundException">There is no room for it.</exception>
    public override void Write(char value) => Write([value]);

    /// <exception cref="PromptBoundException">There is no room for it.</exception>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <exception cref="PromptBoundException">There is no room for it.</exception>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <exception cref="PromptBoundException">There is no room for it.</exception>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (buffer.Length > longest - _text.Length)
        {
            throw new PromptBoundException(string.Create(CultureInfo.InvariantCulture, $"makes more text than is taken: there is room for {longest} characters"));
        }

        _text.Append(buffer);
    }

    public override Task WriteAsync(char value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteAsync(string? value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteAsync(char[] buffer, int index, int count)
    {
        Write(buffer, index, count);
        return Task.CompletedTask;
    }

    public override Task WriteAsync(ReadOnlyMemory<char> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return Task.CompletedTask;
    }

    public override string ToString() => _text.ToString();
}
