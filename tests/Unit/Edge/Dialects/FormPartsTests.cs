using System.Text;
using CsCheck;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Tests.Unit.Edge.Dialects;

/// <summary>The parts of a form, found by its bytes; what two readers could take for different forms is refused.</summary>
public sealed class FormPartsTests
{
    private const string Type = "multipart/form-data; boundary=b";
    private static readonly string[] Pieces = ["--b", "\r\n", "--", ":", "Content-Disposition: form-data; name=\"model\"", "; filename=\"", "\"", "a", "=", ";", "\n", "\\"];

    [Theory]
    [InlineData("multipart/form-data; boundary=b")]
    [InlineData("Multipart/Form-Data; charset=utf-8; Boundary=\"b\"")]
    public void Names_files_and_contents_are_found(string type)
    {
        const string Form = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"
            + "--b\r\nContent-Type: audio/wav\r\ncontent-disposition:form-data;name=file;filename=\"C:\\a\\=;b.wav\"\r\n\r\n\r\n--c\r\n\r\n--b\r\n"
            + "Content-Disposition: form-data; filename*=utf-8''a; name=\"x\";\r\nContent-Transfer-Encoding: binary\r\n\r\n\r\n--b--\r\n";

        var (parts, fault) = Read(Form, type);

        Assert.Null(fault);
        Assert.Equal(["model whisper-1", "file[file] \r\n--c\r\n", "x[file] "], parts);
    }

    [Theory]
    [InlineData("", "does not begin with its boundary")]
    [InlineData("{\"model\":\"a\"}", "does not begin with its boundary")]
    [InlineData("\r\n--b\r\n", "does not begin with its boundary")]
    [InlineData("--b", "ends before its last boundary")]
    [InlineData("--bc\r\n", "boundary stands amid a part")]
    [InlineData("--b\r\n", "ends amid the head")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue", "ends before its last boundary")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\n--b--", "boundary stands amid a part")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n--b--", "boundary stands amid a part")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n--b--\r\n--b", "something follows its end")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"\n\nvalue\r\n--b--", "does not end with CR and LF")]
    [InlineData("--b\r\n\r\nvalue\r\n--b--", "has no name")]
    [InlineData("--b\r\nContent-Disposition: form-data;\r\n name=\"a\"\r\n\r\n\r\n--b--", "Content-Disposition must stand once")]
    [InlineData("--b\r\nContent-Disposition : form-data; name=\"a\"\r\n\r\n\r\n--b--", "is no header")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"; name=\"model\"\r\n\r\n\r\n--b--", "Content-Disposition must stand once")]
    [InlineData("--b\r\nContent-Disposition: form-data; foo; name=\"model\"; name=\"a\"\r\n\r\n\r\n--b--", "Content-Disposition must stand once")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"\\\"; name=model; z=\"\r\n\r\n\r\n--b--", "Content-Disposition must stand once")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"; name*=utf-8''model\r\n\r\n\r\n--b--", "Content-Disposition must stand once")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"mod\\el\"\r\n\r\n\r\n--b--", "Content-Disposition must stand once")]
    [InlineData("--b\r\nContent-Disposition: form-data; name='model'\r\n\r\n\r\n--b--", "Content-Disposition must stand once")]
    [InlineData("--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n\r\n--b--", "Content-Disposition must stand once")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n\r\n--b--", "Content-Disposition must stand once")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\n\r\n--b--", "Content-Transfer-Encoding")]
    public void What_could_be_read_in_two_ways_is_refused(string form, string fault) => Assert.Contains(fault, Read(form, Type).Fault, StringComparison.Ordinal);

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=")]
    [InlineData("multipart/form-data; boundary=b; boundary=c")]
    [InlineData("multipart/form-data; boundary=\"b \"")]
    [InlineData("multipart/form-data; boundary=\"b\\\"c\"")]
    [InlineData("multipart/form-data; boundary=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")]
    public void The_boundary_must_be_one(string type) => Assert.Contains("must have one 'boundary'", Read("--b--", type).Fault, StringComparison.Ordinal);

    [Fact]
    public void Nothing_is_thrown_whatever_comes() =>
        Gen.Select(Gen.Int[0, Pieces.Length - 1], Gen.Char, Gen.Int[0, 9])
            .Select((known, any, chance) => chance > 0 ? Pieces[known] : any.ToString()).Array[0, 20]
            .Sample(pieces => Read("--b" + string.Concat(pieces), Type));

    private static (string[] Parts, string? Fault) Read(string form, string type)
    {
        var body = Encoding.UTF8.GetBytes(form);
        var found = new List<string>();
        var parts = new FormParts(body, type);
        while (parts.Next())
        {
            found.Add($"{Encoding.UTF8.GetString(parts.Name)}{(parts.IsFile ? "[file]" : "")} {Encoding.UTF8.GetString(parts.Content.In(body))}");
        }

        return ([.. found], parts.Fault);
    }
}
