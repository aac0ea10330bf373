using Microsoft.Extensions.Configuration;

namespace Sluice.Configuration;

/// <summary>Where settings come from, and what happens when they do not.</summary>
public sealed record SluiceConfigurationOptions
{
    /// <summary>The admin API; <c>SLUICE_ADMIN_URL</c> when not given, else <c>http://127.0.0.1:7070</c>. Several are tried by turns: any silo answers.</summary>
    public IReadOnlyList<Uri> Addresses { get; init; } = [];

    /// <summary>An admin key of role <c>viewer</c>; <c>SLUICE_ADMIN_KEY</c> when not given.</summary>
    public string? Key { get; init; }

    /// <summary>Which application's settings.</summary>
    public required string App { get; init; }

    /// <summary>The application's profiles, a later one more special; an environment's name, for example.</summary>
    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary>True: the application starts without settings when Sluice is away and <see cref="CacheFile"/> has none. False (default): the start fails.</summary>
    public bool Optional { get; init; }

    /// <summary>How long the start waits for an answer; 10 s when not given.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The first wait before a lost connection is tried again; each further one is twice as long. Half of each wait is by chance.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two tries.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection on which nothing comes for so long is given up; Sluice sends something every 15 s. 45 s when not given.</summary>
    public TimeSpan SilenceBound { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>A file in which the last good settings are kept for a start while Sluice is away: mode 0600, replaced whole. Null (default): none.</summary>
    public string? CacheFile { get; init; }

    /// <summary>The section in which the application's flags stand, each by its name, as they are for nobody in particular. Null: flags are left out.</summary>
    public string? FlagsSection { get; init; } = "Flags";

    /// <summary>Makes the handler of HTTP connections, for a private CA or a proxy. Null (default): an ordinary one.</summary>
    public Func<HttpMessageHandler>? Handler { get; init; }

    /// <summary>Told of each failure that the application goes on without: Sluice away, a cache file that cannot be written. Never with the key.</summary>
    public Action<Exception>? OnFailure { get; init; }
}

/// <summary>Adds settings of Sluice to a configuration.</summary>
public static class SluiceConfigurationExtensions
{
    /// <summary>Adds an application's settings, over those of the sources before. They are loaded at once, and reloaded as they change.</summary>
    /// <exception cref="ArgumentException">An option is wrong; says which.</exception>
    /// <exception cref="SettingsUnavailableException">Nothing could be loaded, and <see cref="SluiceConfigurationOptions.Optional"/> is false.</exception>
    public static IConfigurationBuilder AddSluice(this IConfigurationBuilder builder, SluiceConfigurationOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new SluiceConfigurationSource(options));
    }

    private sealed class SluiceConfigurationSource(SluiceConfigurationOptions options) : IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => new SluiceConfigurationProvider(options);
    }
}

/// <summary>No settings could be had.</summary>
public sealed class SettingsUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
