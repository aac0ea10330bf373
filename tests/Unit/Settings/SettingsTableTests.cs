using System.Globalization;
using Sluice.Revisions;
using Sluice.Revisions.Settings;
using Sluice.Tests.Unit.Revisions;

namespace Sluice.Tests.Unit.Settings;

public sealed class SettingsTableTests
{
    private static readonly SettingsTable Table = RevisionCompiler.Compile(Declared.Bodies("""
        kind: Setting
        name: shared
        values: { log: info, database: { host: shared, pool: 5 }, hosts: [a, b, c] }
        ---
        kind: Setting
        name: shared-production
        profile: production
        values: { log: warning }
        ---
        kind: Setting
        name: orders
        app: orders
        values: { database: { Host: orders }, hosts: [z] }
        ---
        kind: Setting
        name: orders-production
        app: orders
        profile: Production
        values: { database: { port: 5432, tags: [] } }
        ---
        kind: Flag
        name: everywhere
        default: slow
        ---
        kind: Flag
        name: new-checkout
        app: orders
        default: false
        rules:
          - { subjects: [ada], value: true }
          - { subjects: [grace], value: false }
          - { share: 2500, value: true }
        """)).Plan!.Settings;

    [Theory]
    [InlineData("billing", "", """{"database":{"host":"shared","pool":5},"hosts":["a","b","c"],"log":"info"}""")]
    [InlineData("billing", "production", """{"database":{"host":"shared","pool":5},"hosts":["a","b","c"],"log":"warning"}""")]
    [InlineData("orders", "", """{"database":{"Host":"orders","pool":5},"hosts":["z"],"log":"info"}""")]
    [InlineData("ORDERS", "production", """{"database":{"Host":"orders","pool":5,"port":5432,"tags":[]},"hosts":["z"],"log":"warning"}""")]
    [InlineData("orders", "other", """{"database":{"Host":"orders","pool":5},"hosts":["z"],"log":"info"}""")]
    [InlineData("application", "", """{"database":{"host":"shared","pool":5},"hosts":["a","b","c"],"log":"info"}""")]
    public void The_more_special_wins_key_by_key_and_lists_are_replaced_whole(string app, string profiles, string expected) =>
        Assert.Equal(expected, Table.For(app, profiles.Split(',', StringSplitOptions.RemoveEmptyEntries)).Values.GetRawText());

    [Fact]
    public void A_later_profile_is_more_special()
    {
        var table = RevisionCompiler.Compile(Declared.Bodies("""
            kind: Setting
            name: a
            profile: a
            values: { x: a, only: a }
            ---
            kind: Setting
            name: b
            profile: b
            values: { x: b }
            """)).Plan!.Settings;

        Assert.Equal("""{"only":"a","x":"b"}""", table.For("orders", ["a", "b"]).Values.GetRawText());
        Assert.Equal("""{"only":"a","x":"a"}""", table.For("orders", ["b", "a"]).Values.GetRawText());
    }

    [Fact]
    public void Each_key_belongs_to_the_setting_that_gave_it_and_to_no_other()
    {
        var merged = Table.For("orders", ["production"]);
        var bySource = merged.BySource();

        Assert.Equal(["shared", "shared-production", "orders", "orders-production"], merged.Sources.Select(s => s.Name));
        Assert.Equal(["database.pool"], Keys("shared"));
        Assert.Equal(["log"], Keys("shared-production"));
        Assert.Equal(["database.Host", "hosts[0]"], Keys("orders"));
        Assert.Equal(["database.port", "database.tags"], Keys("orders-production"));

        IEnumerable<string> Keys(string name) => bySource[merged.Sources.Single(s => string.Equals(s.Name, name, StringComparison.Ordinal))].Select(v => v.Key);
    }

    [Fact]
    public void A_change_of_routes_alone_keeps_them()
    {
        const string Before = "kind: Upstream\nname: u\naddresses: [http://a]\n---\nkind: Setting\nname: s\nvalues: { a: 1 }";
        var basis = RevisionCompiler.Compile(Declared.Bodies(Before)).Compilation;

        var plan = RevisionCompiler.Compile(Declared.Bodies($"{Before}\n---\nkind: Route\nname: r\nmatch: {{ path: /r }}\nsplit: [{{ upstream: u }}]"), basis).Plan!;

        Assert.Equal("""{"a":1}""", plan.Settings.For("any", []).Values.GetRawText());
    }

    [Fact]
    public void A_flag_asks_its_rules_in_their_order()
    {
        var flag = Table.FlagsFor("orders").Single(f => f.Resource.Name is "new-checkout");

        Assert.Equal(("true", FlagReason.Subjects), (flag.For("ada").Value.GetRawText(), flag.For("ada").Reason));
        Assert.Equal(("false", FlagReason.Subjects), (flag.For("grace").Value.GetRawText(), flag.For("grace").Reason));
        Assert.Equal(("false", FlagReason.Default), (flag.For(null).Value.GetRawText(), flag.For(null).Reason));
        Assert.Equal(["everywhere"], Table.FlagsFor("billing").Select(f => f.Resource.Name));
        Assert.Equal(["everywhere", "new-checkout"], Table.FlagsFor("Orders").Select(f => f.Resource.Name));
    }

    [Fact]
    public void A_share_takes_its_part_of_the_subjects_and_grows_without_losing_any()
    {
        var before = Taken(2500);
        var after = Taken(5000);

        Assert.InRange(before.Count, 2300, 2700);
        Assert.InRange(after.Count, 4700, 5300);
        Assert.Subset(after, before);

        static HashSet<string> Taken(int share)
        {
            var flag = Flag($"[{{ share: {share.ToString(CultureInfo.InvariantCulture)}, value: true }}]");
            return [.. Enumerable.Range(0, 10_000).Select(i => $"user-{i.ToString(CultureInfo.InvariantCulture)}").Where(s => flag.For(s).Value.GetBoolean())];
        }
    }

    [Fact]
    public void Shares_lie_one_after_another_and_all_of_them_take_all()
    {
        var flag = Flag("[{ share: 5000, value: true }, { share: 5000, value: true }]");

        Assert.All(Enumerable.Range(0, 1_000), i => Assert.Equal(FlagReason.Share, flag.For(i.ToString(CultureInfo.InvariantCulture)).Reason));
    }

    // Services may evaluate flags themselves: the hash is part of the format.
    [Fact]
    public void The_place_of_a_subject_never_changes()
    {
        var flag = Flag("[{ share: 5000, value: true }]");
        var taken = string.Concat(Enumerable.Range(0, 24).Select(i => flag.For($"user-{i.ToString(CultureInfo.InvariantCulture)}").Value.GetBoolean() ? '1' : '0'));

        Assert.Equal("111000110101000100111111", taken);
    }

    private static CompiledFlag Flag(string rules) => RevisionCompiler.Compile(Declared.Bodies($"kind: Flag\nname: pinned\ndefault: false\nrules: {rules}")).Plan!.Settings.FlagsFor("any").Single();
}
