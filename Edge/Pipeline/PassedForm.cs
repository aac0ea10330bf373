using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>What the gateway must know of a form that passes through: its model, how much of it is files, and what bounds the answer. Files are not looked into.</summary>
internal static class PassedForm
{
    private const int LongestModel = 512;

    /// <summary>Reads a form to its end. Throws nothing: what is wrong is told, with its field.</summary>
    /// <param name="operation">What is asked for.</param>
    /// <param name="body">The form.</param>
    /// <param name="contentType">Of the request.</param>
    /// <param name="fault">What is wrong; null: nothing.</param>
    public static RequestScan Read(ModelOperation operation, ReadOnlySpan<byte> body, string contentType, out RequestFault? fault)
    {
        var scan = new RequestScan { Answers = 1, CapName = "" };
        var found = default(Found);
        var parts = new FormParts(body, contentType);
        fault = null;
        while (fault is null && parts.Next())
        {
            fault = found.Take(parts, body, ref scan);
        }

        fault ??= parts.Fault is { } wrong ? new RequestFault($"The request body is not a valid form: {wrong}.", null) : found.Judge(operation, ref scan);
        return scan;
    }

    private struct Found
    {
        private Part? _model;
        private Part? _count;
        private long? _pictures;
        private string? _size;
        private string? _quality;
        private bool _hasImage;
        private bool _hasSound;
        private int _files;
        private int _bytes;

        public RequestFault? Take(in FormParts part, ReadOnlySpan<byte> body, ref RequestScan scan)
        {
            var content = part.Content.In(body);
            if (part.Name.SequenceEqual("model"u8))
            {
                return TakeModel(part, content, ref scan);
            }

            if (part.IsFile)
            {
                _hasSound |= part.Name.SequenceEqual("file"u8);
                _hasImage |= part.Name.SequenceEqual("image"u8) || part.Name.SequenceEqual("image[]"u8);
                _files++;
                _bytes += content.Length;
            }
            else if (part.Name.SequenceEqual("n"u8))
            {
                if (_count is not null)
                {
                    return new RequestFault("'n' stands twice in the request.", "n");
                }

                _count = part.Content;
                _pictures = Utf8Parser.TryParse(content, out long number, out var read) && read == content.Length ? number : null;
            }
            else if (part.Name.SequenceEqual("size"u8) || part.Name.SequenceEqual("quality"u8))
            {
                var isSize = part.Name.SequenceEqual("size"u8);
                if ((isSize ? _size : _quality) is not null)
                {
                    return new RequestFault($"'{(isSize ? "size" : "quality")}' stands twice in the request.", isSize ? "size" : "quality");
                }

                (_size, _quality) = isSize ? (PassedUnits.Word(content) ?? "", _quality) : (_size, PassedUnits.Word(content) ?? "");
            }
            else if (part.Name.SequenceEqual("stream"u8))
            {
                scan.Stream = Ascii.EqualsIgnoreCase(content, "true"u8);
            }

            return null;
        }

        public readonly RequestFault? Judge(ModelOperation operation, ref RequestScan scan)
        {
            if (_model is null)
            {
                return new RequestFault("You must provide a model parameter.", "model");
            }

            if (PassedCalls.TakesSound(operation))
            {
                var tokens = TokenBounds.OfSound(_bytes);
                (scan.Input.Sounds, scan.MaxTokens, scan.Input.FileExcess, scan.Units) = (_files, tokens, (int)Math.Max(0, _bytes - tokens), UnitBounds.Sound(_bytes));
                return _hasSound ? null : new RequestFault("Missing required parameter: 'file', as a file.", "file");
            }

            (scan.Input.Images, scan.Input.FileExcess) = (_files, _bytes);
            return _hasImage ? PassedScan.BoundPictures(_count is null ? 1 : _pictures, _size, _quality, ref scan) : new RequestFault("Missing required parameter: 'image', as a file.", "image");
        }

        private RequestFault? TakeModel(in FormParts part, ReadOnlySpan<byte> content, ref RequestScan scan)
        {
            if (_model is not null)
            {
                return new RequestFault("'model' stands twice in the request.", "model");
            }

            if (part.IsFile || content.Length is 0 or > LongestModel || !Utf8.IsValid(content))
            {
                return new RequestFault($"'model' must be a field of text, of 1 to {LongestModel} bytes, and no file.", "model");
            }

            _model = scan.Model = part.Content;
            scan.ModelOfPath = JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(content));
            return null;
        }
    }
}
