using System.Text;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Pipeline;

/// <summary>How a form is sent on: as it came, but for the model's name.</summary>
/// <param name="ContentType">As it came, with the boundary.</param>
/// <param name="Model">Where the model's name stands.</param>
/// <param name="Name">What is sent there.</param>
internal sealed record SentForm(string ContentType, Part Model, ReadOnlyMemory<byte> Name)
{
    /// <summary>The form of a request for the target that was matched.</summary>
    public static SentForm Of(in RequestScan scan, in MatchedModel matched, string contentType) => new(contentType, scan.Model, Encoding.UTF8.GetBytes(matched.Target.Target.Model));
}
