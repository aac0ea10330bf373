using System.Text;
using System.Text.Json;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Tests.Unit.Edge.Pipeline;

public sealed class PassedUnitsTests
{
    private static readonly UnitCounts Asked = new(4, "1024x1024", "", 0, 0);

    [Theory]
    [InlineData("""{"data":[{"url":"a,]"},{"b64_json":"AA"}]}""", 2, "1024x1024", "")]
    [InlineData("""{"size":"1536x1024","quality":"high","data":[{}]}""", 1, "1536x1024", "high")]
    [InlineData("""{"size":"auto","quality":null,"data":[]}""", 0, "1024x1024", "")]
    [InlineData("""{"data":{}}""", 4, "1024x1024", "")]
    [InlineData("""{"data":[{}],""", 4, "1024x1024", "")]
    [InlineData("no JSON", 4, "1024x1024", "")]
    public void Pictures_are_those_of_the_answer_and_else_those_that_were_asked_for(string answer, long count, string size, string quality) =>
        Assert.Equal(new UnitCounts(count, size, quality, 0, 0), PassedUnits.Told(ModelOperation.ImageGenerations, Asked, Encoding.UTF8.GetBytes(answer)));

    [Theory]
    [InlineData("""{"text":"Hello","usage":{"type":"duration","seconds":9}}""", 9_000)]
    [InlineData("""{"duration":8.4701,"text":"Hello"}""", 8_471)]
    [InlineData("Hello", 21_000)]
    public void Sound_is_as_long_as_the_answer_tells_and_else_as_its_bytes_can_be(string answer, long milliseconds) =>
        Assert.Equal(milliseconds, PassedUnits.Told(ModelOperation.Transcriptions, UnitBounds.Sound(15_000), Encoding.UTF8.GetBytes(answer))!.SoundMilliseconds);

    [Theory]
    [InlineData("\"Grüße 👋\"", 7)]
    [InlineData("\"\\u0047r\\u00fc\\uD83D\\uDC4B\"", 4)]
    [InlineData("\"\\uD83D\"", 6)]
    public void Characters_are_counted_as_Unicode_counts_them(string json, long count)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        Assert.Equal(count, PassedUnits.Speech(reader).Characters);
    }
}
