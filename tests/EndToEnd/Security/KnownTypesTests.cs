using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.TypeSystem;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Silo.Clustering;
using Sluice.Storage;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>Which types a message may name.</summary>
public sealed class KnownTypesTests
{
    private static readonly RecordingResolver Resolver = new();

    private static readonly IServiceProvider Services = Create();

    private static readonly TypeConverter Types = Services.GetRequiredService<TypeConverter>();

    public static TheoryData<string> Strangers { get; } =
    [
        "System.Diagnostics.Process,System.Diagnostics.Process",
        "System.IO.FileInfo",
        "System.IO.FileInfo,System.Private.CoreLib",
        "System.Activator,System.Private.CoreLib, Version=10.0.0.0",
        "System.Collections.Generic.List`1[[System.IO.FileInfo]]",
        "System.Diagnostics.Process[],System.Diagnostics.Process",
        "Sluice.Silo.SiloOptions,Sluice.Silo",
        "Sluice.Grains.Sealing.SealingOptions,Sluice.Grains",
        "Evil.OwnException,Evil",
        "System.Collections.Generic.List`1,Evil",
        "Orleans.Runtime.SiloAddress,OrleansEvil",
    ];

    [Theory, MemberData(nameof(Strangers))]
    public void A_type_of_nobodys_is_refused_before_it_is_looked_for(string name)
    {
        var before = Resolver.Asked;

        var refused = Assert.Throws<InvalidOperationException>(() => Types.Parse(name));

        Assert.Contains("not allowed", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Resolver.Asked);
    }

    [Fact]
    public void Whatever_the_contracts_hold_is_known()
    {
        var named = typeof(EdgeCallableAttribute).Assembly.GetExportedTypes()
            .Where(t => t.IsEnum || t.GetCustomAttribute<GenerateSerializerAttribute>() is not null)
            .SelectMany(t => new[] { t, typeof(ImmutableArray<>).MakeGenericType(t), typeof(List<>).MakeGenericType(t), t.MakeArrayType() })
            .ToArray();

        Assert.NotEmpty(named);
        Assert.All(named, type => Assert.Equal(type, Types.Parse(Types.Format(type))));
    }

    [Theory]
    [InlineData(typeof(int))]
    [InlineData(typeof(AdminRole?))]
    [InlineData(typeof(Dictionary<string, long>))]
    [InlineData(typeof((string, DateTimeOffset)))]
    [InlineData(typeof(TimeoutException))]
    [InlineData(typeof(UnauthorizedAccessException))]
    [InlineData(typeof(System.Net.Sockets.SocketException))]
    [InlineData(typeof(StorageRefusedException))]
    [InlineData(typeof(Orleans.Runtime.SiloUnavailableException))]
    public void What_else_is_sent_is_known(Type type) => Assert.Equal(type, Types.Parse(Types.Format(type)));

    [Fact]
    public void An_exception_arrives_as_it_was_thrown()
    {
        var serializer = Services.GetRequiredService<Serializer>();

        var arrived = serializer.Deserialize<object>(serializer.SerializeToArray<object>(new StorageRefusedException("full", new IOException("no room"))));

        Assert.Equal("no room", Assert.IsType<IOException>(Assert.IsType<StorageRefusedException>(arrived).InnerException).Message);
    }

    private static ServiceProvider Create()
    {
        var services = new ServiceCollection();
        services.AddSerializer(builder => builder.AddAssembly(typeof(EdgeCallableAttribute).Assembly).AddAssembly(typeof(StorageRefusedException).Assembly));
        KnownTypes.UseOn(services);
        services.AddSingleton<TypeResolver>(Resolver);
        return services.BuildServiceProvider();
    }

    /// <summary>Counts how often a type was looked for.</summary>
    private sealed class RecordingResolver : TypeResolver
    {
        private readonly CachedTypeResolver _inner = new();

        public int Asked { get; private set; }

        public override Type ResolveType(string name)
        {
            Asked++;
            return _inner.ResolveType(name);
        }

        public override bool TryResolveType(string name, out Type type)
        {
            Asked++;
            return _inner.TryResolveType(name, out type);
        }
    }
}
