using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Settings;

/// <summary>The settings and flags of a revision, by application. Built once a revision.</summary>
public sealed class SettingsTable
{
    private readonly FrozenDictionary<(string App, string Profile), SettingResource> _settings;
    private readonly ImmutableArray<CompiledFlag> _flags;

    public SettingsTable(IEnumerable<SettingResource> settings, IEnumerable<FlagResource> flags)
    {
        // Of two for the same one the revision is refused elsewhere, with the names of both.
        _settings = settings.DistinctBy(s => Key(s.App, s.Profile)).ToFrozenDictionary(s => Key(s.App, s.Profile));
        _flags = [.. flags.OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => new CompiledFlag(f))];
    }

    /// <summary>Nothing is declared.</summary>
    public static SettingsTable Empty { get; } = new([], []);

    /// <summary>Reads the settings and flags of a revision that was validated; nothing else of it is looked at.</summary>
    public static SettingsTable Of(ImmutableArray<ResourceBody> resources)
    {
        var read = resources.Where(r => r.Kind is SettingResource.KindName or FlagResource.KindName).Select(r => ResourceReader.Read(r.Json).Resource).ToArray();
        return new SettingsTable(read.OfType<SettingResource>(), read.OfType<FlagResource>());
    }

    /// <summary>
    /// What an application sees, the most general first: what all share, what all share in each profile, its own, its own in each profile; a later profile is more special
    /// than one before it.
    /// </summary>
    /// <param name="app"><see cref="Names.SharedApp"/> for what all share alone.</param>
    public MergedSettings For(string app, IReadOnlyList<string> profiles)
    {
        string?[] apps = string.Equals(app, Names.SharedApp, StringComparison.OrdinalIgnoreCase) ? [null] : [null, app];
        return new MergedSettings(
            from each in apps
            from profile in profiles.Prepend(null)
            let setting = _settings.GetValueOrDefault(Key(each, profile))
            where setting is not null
            select setting);
    }

    /// <summary>A flag by its name, whichever application it is for; null: there is none.</summary>
    public CompiledFlag? Flag(string name) => _flags.FirstOrDefault(f => string.Equals(f.Resource.Name, name, StringComparison.Ordinal));

    /// <summary>The names of all flags.</summary>
    public IEnumerable<string> FlagNames => _flags.Select(f => f.Resource.Name);

    /// <summary>The flags that an application sees, ordered by name.</summary>
    public IEnumerable<CompiledFlag> FlagsFor(string app) =>
        _flags.Where(f => f.Resource.App is null || string.Equals(f.Resource.App, app, StringComparison.OrdinalIgnoreCase));

    private static (string App, string Profile) Key(string? app, string? profile) => (app?.ToLowerInvariant() ?? "", profile?.ToLowerInvariant() ?? "");
}
