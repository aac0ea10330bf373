using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;

namespace Sluice.Bench.Routes;

/// <summary>Measures matching: how long the route of a request is looked for, and what memory a route takes beyond its declared text. Usage: Sluice.Bench.Routes ROUTES HOSTS</summary>
internal static class Program
{
    private const int Matches = 2_000_000;

    private static void Main(string[] arguments)
    {
        var (routes, hosts) = (int.Parse(arguments[0], CultureInfo.InvariantCulture), int.Parse(arguments[1], CultureInfo.InvariantCulture));
        var bodies = Enumerable.Range(0, routes).Select(i => Route(i, hosts)).Prepend("""{"kind":"Upstream","name":"u","addresses":["http://127.0.0.1:1"]}""")
            .Select(json => ResourceReader.Read(Encoding.UTF8.GetBytes(json)).Body!).ToImmutableArray();
        bodies = RevisionCompiler.Order(bodies);
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var compiled = RevisionCompiler.Compile(bodies).Compilation!;
        var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
        var requests = Enumerable.Range(0, routes).Select(i => new Asked(Host(i, hosts), $"/shop-{i / hosts}/items/{i}/lines")).ToArray();
        new Random(7).Shuffle(requests);
        Match(compiled.Plan.Routes, requests, Matches / 4);
        var (time, allocated) = Match(compiled.Plan.Routes, requests, Matches);

        // The next revision, in which one route is another.
        var changed = bodies.SetItem(bodies.Length - 1, ResourceReader.Read(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bodies[^1].Json).Replace("/items/", "/things/", StringComparison.Ordinal))).Body!);
        before = GC.GetTotalMemory(forceFullCollection: true);
        var next = RevisionCompiler.Compile(changed, compiled).Compilation!;
        var more = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time:F0} {allocated:F0} {(double)memory / routes:F0} {(double)more / routes:F0}"));
        GC.KeepAlive(changed);
        GC.KeepAlive(next);
        GC.KeepAlive(bodies);
        GC.KeepAlive(compiled);
    }

    private static string Host(int route, int hosts) => string.Create(CultureInfo.InvariantCulture, $"shop-{route % hosts}.example.com");

    private static string Route(int i, int hosts) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"kind":"Route","name":"route-{{i}}","match":{"hosts":["{{Host(i, hosts)}}"],"path":"/shop-{{i / hosts}}/items/{id}/{**rest}","methods":["GET"]},"split":[{"upstream":"u"}]}""");

    // Nanoseconds and bytes of one match.
    private static (double Time, double Allocated) Match(RouteTable table, Asked[] requests, int count)
    {
        var (begun, held) = (TimeProvider.System.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        for (var i = 0; i < count; i++)
        {
            if (table.Find(requests[i % requests.Length]).Route is null)
            {
                throw new InvalidOperationException("A route was not found.");
            }
        }

        return (TimeProvider.System.GetElapsedTime(begun).TotalNanoseconds / count, (double)(GC.GetAllocatedBytesForCurrentThread() - held) / count);
    }

    private readonly struct Asked(string host, string path) : IRoutableRequest
    {
        public ReadOnlySpan<char> Host => host;

        public string Method => "GET";

        public ReadOnlySpan<char> Path => path;

        public string? Subject => null;

        public bool HasHeader(ValueTest asked) => false;

        public bool HasQuery(ValueTest asked) => false;

        public string? Header(string name) => null;

        public string? Cookie(string name) => null;
    }
}
