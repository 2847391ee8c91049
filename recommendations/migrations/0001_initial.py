import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from decimal import Decimal
from django.db import migrations, models


def add_usual_placement(apps, schema_editor):
    """A merchant finds the block of the product page there, instead of an empty list."""
    placement = apps.get_model("crosssell_recommendations", "Placement")
    placement.objects.using(schema_editor.connection.alias).get_or_create(slug="product")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='BuildLease',
            fields=[
                ('kind', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='kind')),
                ('fence', models.PositiveBigIntegerField(default=0, verbose_name='fence')),
                ('holder', models.CharField(blank=True, max_length=200, verbose_name='holder')),
                ('expires_at', models.DateTimeField(null=True, verbose_name='expires at')),
            ],
            options={
                'verbose_name': 'lease',
                'verbose_name_plural': 'leases',
            },
        ),
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fence', models.PositiveBigIntegerField(help_text='Number of the lease that may write. An older holder writes nothing.', verbose_name='fence')),
                ('asked', models.CharField(blank=True, help_text='A question, or all of them.', max_length=20, verbose_name='asked for')),
                ('question', models.CharField(blank=True, help_text='The question that models are asked at the moment.', max_length=20, verbose_name='question')),
                ('trying', models.CharField(blank=True, max_length=80, verbose_name='model at the moment')),
                ('percent', models.PositiveSmallIntegerField(help_text='Of the time for all questions that is used up.', null=True, verbose_name='percent')),
                ('requested_by', models.CharField(blank=True, max_length=200, verbose_name='requested by')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('started_at', models.DateTimeField(verbose_name='started at')),
                ('heartbeat_at', models.DateTimeField(verbose_name='last sign of life')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
            ],
            options={
                'verbose_name': 'comparison',
                'verbose_name_plural': 'comparisons',
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='Build',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('together', 'Frequently bought together'), ('item_based', 'Item-based filtering'), ('walks', 'Random walks between customers and items'), ('graph_filter', 'Filter on the graph of items'), ('ease', 'Linear model of all items (EASE)'), ('als', 'Matrix factorisation (ALS)'), ('content', 'Similar by description'), ('hybrid', 'Behaviour and description together'), ('rules', 'Association rules'), ('user_based', 'Customers with the same taste'), ('next_basket', 'Next basket'), ('buy_again', 'Buy again'), ('neural', 'Neural scorer'), ('neural_completion', 'Neural scorer of what belongs together'), ('blend', 'Blend of several models'), ('upgrades', 'Upgrades'), ('trending', 'Trending'), ('new_arrivals', 'New arrivals'), ('viewed_bought', 'Viewed this, bought that'), ('ratings', 'Rated alike')], max_length=40, verbose_name='kind')),
                ('status', models.CharField(choices=[('running', 'running'), ('candidate', 'candidate'), ('published', 'published'), ('rejected', 'rejected'), ('retired', 'retired'), ('failed', 'failed')], default='running', max_length=20, verbose_name='status')),
                ('parameters', models.JSONField(default=dict, verbose_name='parameters')),
                ('as_of', models.DateTimeField(help_text="Orders placed later are not read: the build's view of time.", verbose_name='as of')),
                ('input_counts', models.JSONField(default=dict, help_text='Lines, orders, items, customers, and lines left out by reason.', verbose_name='input')),
                ('input_fingerprint', models.CharField(blank=True, max_length=64, verbose_name='input fingerprint')),
                ('code_version', models.CharField(blank=True, help_text='Checksum of the code that computed it.', max_length=64, verbose_name='code version')),
                ('fence', models.PositiveBigIntegerField(help_text='Number of the lease that may write. An older holder writes nothing.', verbose_name='fence')),
                ('phase', models.CharField(blank=True, max_length=40, verbose_name='phase')),
                ('done_items', models.PositiveIntegerField(default=0, verbose_name='items done')),
                ('total_items', models.PositiveIntegerField(default=0, verbose_name='items in all')),
                ('lines_per_second', models.FloatField(null=True, verbose_name='lines per second')),
                ('resumed', models.PositiveIntegerField(default=0, verbose_name='times resumed')),
                ('digest', models.CharField(blank=True, help_text='Checksum of all its lists, chunk by chunk.', max_length=64, verbose_name='digest')),
                ('metrics', models.JSONField(default=dict, verbose_name='metrics')),
                ('verdict', models.JSONField(default=dict, help_text='Whether it was accepted, and each reason.', verbose_name='verdict of the gate')),
                ('lists_kept', models.BooleanField(default=True, help_text='Whether its lists are still stored, so that it can be published.', verbose_name='lists kept')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('requested_by', models.CharField(blank=True, max_length=200, verbose_name='requested by')),
                ('started_at', models.DateTimeField(verbose_name='started at')),
                ('heartbeat_at', models.DateTimeField(verbose_name='last sign of life')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('published_at', models.DateTimeField(null=True, verbose_name='published at')),
            ],
            options={
                'verbose_name': 'build',
                'verbose_name_plural': 'builds',
                'ordering': ('-pk',),
                'permissions': (('rebuild', 'Can start a rebuild'), ('publish_build', 'Can publish a build and roll back'), ('force_publish_build', 'Can publish a build that the gate refused')),
                'get_latest_by': 'pk',
                'indexes': [models.Index(fields=['kind', 'status'], name='crosssell_build_kind_status')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'running')), fields=('kind',), name='crosssell_one_running_build'), models.CheckConstraint(condition=models.Q(('done_items__lte', models.F('total_items'))), name='crosssell_build_done_within_total')],
            },
        ),
        migrations.CreateModel(
            name='CustomerList',
            fields=[
                ('pk', models.CompositePrimaryKey('build_id', 'customer', blank=True, editable=False, primary_key=True, serialize=False)),
                ('customer', models.CharField(db_index=True, max_length=200, verbose_name='customer')),
                ('n_baskets', models.PositiveIntegerField(verbose_name='orders of the customer')),
                ('packed', models.BinaryField(verbose_name='items')),
                ('build', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='customer_lists', to='crosssell_recommendations.build')),
            ],
            options={
                'verbose_name': 'customer list',
                'verbose_name_plural': 'customer lists',
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text="The shop's primary key, after the model's label if the shop sells several models.", max_length=200, unique=True, verbose_name='key')),
                ('title', models.CharField(blank=True, max_length=300, verbose_name='title')),
                ('price', models.DecimalField(blank=True, decimal_places=4, help_text='As of the last synchronisation. Pages and baskets ask the shop instead.', max_digits=18, null=True, verbose_name='price')),
                ('currency', models.CharField(blank=True, max_length=3, verbose_name='currency')),
                ('category', models.CharField(blank=True, db_index=True, max_length=300, verbose_name='category')),
                ('brand', models.CharField(blank=True, max_length=300, verbose_name='brand')),
                ('attributes', models.JSONField(blank=True, default=dict, verbose_name='attributes')),
                ('active', models.BooleanField(default=True, help_text='Whether the shop showed it at the last synchronisation.', verbose_name='active')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='first seen')),
                ('synced_at', models.DateTimeField(editable=False, null=True, verbose_name='last changed by a synchronisation')),
                ('parent', models.ForeignKey(blank=True, help_text='Sales of a variant count for its parent, and the parent is what is shown.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='variants', to='crosssell_recommendations.item', verbose_name='parent')),
            ],
            options={
                'verbose_name': 'item',
                'verbose_name_plural': 'items',
            },
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer', models.CharField(max_length=200, verbose_name='customer')),
                ('kind', models.CharField(choices=[('not_interested', 'not interested'), ('more_like_this', 'more like this')], max_length=20, verbose_name='said')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='said at')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feedback', to='crosssell_recommendations.item', verbose_name='item')),
            ],
            options={
                'verbose_name': 'feedback',
                'verbose_name_plural': 'feedback',
                'ordering': ('-created_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Exclusion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('companion', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crosssell_recommendations.item', verbose_name='companion')),
                ('item', models.ForeignKey(blank=True, help_text='Empty: never as a companion of anything.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='exclusions', to='crosssell_recommendations.item', verbose_name='not with')),
            ],
            options={
                'verbose_name': 'exclusion',
                'verbose_name_plural': 'exclusions',
                'ordering': ('item', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='LadderStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('offer', 'offer it, before what the model says'), ('forbid', 'never offer it as an upgrade')], default='offer', max_length=10, verbose_name='rule')),
                ('position', models.PositiveSmallIntegerField(default=1, help_text='1 is the first. Of no meaning where the step is forbidden.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='position')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ladder_steps', to='crosssell_recommendations.item', verbose_name='from')),
                ('upgrade', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crosssell_recommendations.item', verbose_name='upgrade')),
            ],
            options={
                'verbose_name': 'step of a ladder',
                'verbose_name_plural': 'steps of ladders',
                'ordering': ('item', 'position', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='ModelChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(choices=[('item', 'What goes with this item?'), ('basket', 'What completes this basket?'), ('customer', 'What new thing will this customer buy?'), ('next_basket', "What is in this customer's next basket?"), ('rating', 'How will this customer rate an item?')], max_length=20, verbose_name='question')),
                ('chosen_by', models.CharField(choices=[('auto', 'tuning'), ('merchant', 'merchant')], default='auto', max_length=10, verbose_name='chosen by')),
                ('kind', models.CharField(choices=[('together', 'Frequently bought together'), ('item_based', 'Item-based filtering'), ('walks', 'Random walks between customers and items'), ('graph_filter', 'Filter on the graph of items'), ('ease', 'Linear model of all items (EASE)'), ('als', 'Matrix factorisation (ALS)'), ('content', 'Similar by description'), ('hybrid', 'Behaviour and description together'), ('rules', 'Association rules'), ('user_based', 'Customers with the same taste'), ('next_basket', 'Next basket'), ('buy_again', 'Buy again'), ('neural', 'Neural scorer'), ('neural_completion', 'Neural scorer of what belongs together'), ('blend', 'Blend of several models'), ('upgrades', 'Upgrades'), ('trending', 'Trending'), ('new_arrivals', 'New arrivals'), ('viewed_bought', 'Viewed this, bought that'), ('ratings', 'Rated alike')], max_length=40, verbose_name='kind')),
                ('parameters', models.JSONField(blank=True, default=dict, help_text='Those of the model; what is not named stays as it usually is.', verbose_name='parameters')),
                ('table', models.JSONField(blank=True, default=dict, editable=False, help_text='Every model and parameter set that was tried, with its figures.', verbose_name='table')),
                ('tuned_at', models.DateTimeField(editable=False, null=True, verbose_name='tuned at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed at')),
            ],
            options={
                'verbose_name': 'model choice',
                'verbose_name_plural': 'model choices',
                'ordering': ('question', 'chosen_by'),
                'constraints': [models.UniqueConstraint(fields=('question', 'chosen_by'), name='crosssell_choice_once')],
            },
        ),
        migrations.CreateModel(
            name='NeighbourList',
            fields=[
                ('pk', models.CompositePrimaryKey('build_id', 'item_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('n_customers', models.PositiveIntegerField(verbose_name='customers who bought the item')),
                ('n_baskets', models.PositiveIntegerField(verbose_name='orders that hold the item')),
                ('packed', models.BinaryField(verbose_name='companions')),
                ('build', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lists', to='crosssell_recommendations.build')),
                ('item', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crosssell_recommendations.item')),
            ],
            options={
                'verbose_name': 'neighbour list',
                'verbose_name_plural': 'neighbour lists',
            },
        ),
        migrations.CreateModel(
            name='PairRules',
            fields=[
                ('pk', models.CompositePrimaryKey('build_id', 'first_id', 'second_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('n_customers', models.PositiveIntegerField(verbose_name='customers whose baskets hold both')),
                ('n_baskets', models.PositiveIntegerField(verbose_name='orders that hold both')),
                ('packed', models.BinaryField(verbose_name='what follows')),
                ('build', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pair_rules', to='crosssell_recommendations.build')),
                ('first', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crosssell_recommendations.item')),
                ('second', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crosssell_recommendations.item')),
            ],
            options={
                'verbose_name': 'rules of a pair',
                'verbose_name_plural': 'rules of pairs',
            },
        ),
        migrations.CreateModel(
            name='Pin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=1, help_text='1 is the first.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='position')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('companion', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crosssell_recommendations.item', verbose_name='companion')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pins', to='crosssell_recommendations.item', verbose_name='shown with')),
            ],
            options={
                'verbose_name': 'pin',
                'verbose_name_plural': 'pins',
                'ordering': ('item', 'position', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='What templates and the API call it, for example “product”.', unique=True, verbose_name='name')),
                ('title', models.CharField(blank=True, help_text="Heading above the block. Empty: the usual words in the shopper's language.", max_length=120, verbose_name='title')),
                ('page', models.CharField(choices=[('product', 'product page'), ('basket', 'basket'), ('checkout', 'checkout'), ('confirmation', 'order confirmation'), ('category', 'category page'), ('search', 'search without results'), ('account', "customer's account"), ('home', 'home page'), ('email', 'e-mail')], default='product', help_text='The kind of page that the block stands on.', max_length=20, verbose_name='page')),
                ('enabled', models.BooleanField(default=True, verbose_name='shown')),
                ('count', models.PositiveSmallIntegerField(default=3, help_text='How many companions stand beside the item, at most 20.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)], verbose_name='companions')),
                ('minimum_support', models.PositiveIntegerField(default=5, help_text="Distinct customers whose baskets hold both. Pairs below the build's own minimum do not exist, whatever is entered here.", validators=[django.core.validators.MinValueValidator(1)], verbose_name='minimum support')),
                ('fallback', models.CharField(choices=[('cold', 'only where there is no list: its category, then the shop'), ('none', 'nothing: show fewer'), ('category', 'best sellers of the same category'), ('popular', 'best sellers of the shop')], default='cold', max_length=20, verbose_name='fallback')),
                ('condition', models.JSONField(blank=True, help_text='Without a rule every product may be shown. Pinned items are shown anyway.', null=True, verbose_name='only products for which')),
                ('price_from_percent', models.PositiveIntegerField(blank=True, help_text="In percent of the price of the page's item. Empty: any.", null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000)], verbose_name='price from')),
                ('price_to_percent', models.PositiveIntegerField(blank=True, help_text="In percent of the price of the page's item, for example 150. Empty: any; for upgrades, as whoever runs the site has set it.", null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000)], verbose_name='price up to')),
                ('hide_owned', models.BooleanField(default=False, help_text='For things that are bought once. It needs a customer who is logged in.', verbose_name='without what the customer has bought already')),
                ('per_category', models.PositiveSmallIntegerField(blank=True, help_text='Empty: as many as there are.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)], verbose_name='at most of one category')),
                ('diversity', models.PositiveSmallIntegerField(default=0, help_text='In percent. 0: the best first, however alike they are. 30 is a good start; 100: as different from each other as there are.', validators=[django.core.validators.MaxValueValidator(100)], verbose_name='variety')),
                ('rotation', models.CharField(choices=[('none', 'never: the best first'), ('daily', 'every day'), ('hourly', 'every hour')], default='none', help_text='All shoppers see the same order until it changes.', max_length=10, verbose_name='change places')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed at')),
            ],
            options={
                'verbose_name': 'placement',
                'verbose_name_plural': 'placements',
                'ordering': ('slug',),
                'constraints': [models.CheckConstraint(condition=models.Q(('count__gte', 1), ('count__lte', 20)), name='crosssell_placement_count'), models.CheckConstraint(condition=models.Q(('minimum_support__gte', 1)), name='crosssell_placement_support'), models.CheckConstraint(condition=models.Q(models.Q(('price_from_percent__gte', 1), ('price_from_percent__lte', 10000)), ('price_from_percent__isnull', True), _connector='OR'), name='crosssell_placement_price_from'), models.CheckConstraint(condition=models.Q(models.Q(('price_to_percent__gte', 1), ('price_to_percent__lte', 10000)), ('price_to_percent__isnull', True), _connector='OR'), name='crosssell_placement_price_to'), models.CheckConstraint(condition=models.Q(('price_from_percent__isnull', True), ('price_to_percent__isnull', True), ('price_from_percent__lte', models.F('price_to_percent')), _connector='OR'), name='crosssell_placement_price_band'), models.CheckConstraint(condition=models.Q(models.Q(('per_category__gte', 1), ('per_category__lte', 20)), ('per_category__isnull', True), _connector='OR'), name='crosssell_placement_category_cap'), models.CheckConstraint(condition=models.Q(('diversity__lte', 100)), name='crosssell_placement_diversity')],
            },
        ),
        migrations.CreateModel(
            name='Merchandising',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='What explanations call it, for example “Clearance”.', max_length=120, verbose_name='name')),
                ('enabled', models.BooleanField(default=True, verbose_name='in force')),
                ('kind', models.CharField(choices=[('boost', 'lift'), ('bury', 'bury'), ('hide', 'hide')], default='boost', max_length=10, verbose_name='effect')),
                ('strength', models.PositiveSmallIntegerField(default=100, help_text="In percent. 100 doubles a product's score, or halves it where the rule buries; 400 is the most: five times, or a fifth. Of no account where the rule hides.", validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(400)], verbose_name='strength')),
                ('condition', models.JSONField(help_text='The rule acts only where this is true.', verbose_name='products for which')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed at')),
                ('placement', models.ForeignKey(blank=True, help_text='Empty: in every placement.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='merchandising', to='crosssell_recommendations.placement', verbose_name='placement')),
            ],
            options={
                'verbose_name': 'merchandising rule',
                'verbose_name_plural': 'merchandising rules',
                'ordering': ('name', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='PlacementPin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=1, help_text='1 is the first place. Where fewer products are shown, it stands last.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)], verbose_name='position')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crosssell_recommendations.item', verbose_name='item')),
                ('placement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pins', to='crosssell_recommendations.placement', verbose_name='placement')),
            ],
            options={
                'verbose_name': 'pinned item',
                'verbose_name_plural': 'pinned items',
                'ordering': ('placement', 'position', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='PlacementStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=1, help_text='1 is asked first.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='order')),
                ('strategy', models.CharField(choices=[('together', 'bought together with the item of the page'), ('also_viewed', 'bought by customers who looked at the item of the page'), ('similar', 'similar to the item of the page'), ('upgrades', 'upgrades of the item of the page'), ('basket', "goes with the shopper's basket"), ('customer', 'recommended for the customer'), ('buy_again', 'what the customer bought before'), ('recently_viewed', 'what the shopper looked at last'), ('trending', 'trending now'), ('new_arrivals', 'new in the shop'), ('best_sellers', 'best sellers')], max_length=20, verbose_name='source')),
                ('placement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='crosssell_recommendations.placement', verbose_name='placement')),
            ],
            options={
                'verbose_name': 'source',
                'verbose_name_plural': 'sources',
                'ordering': ('placement', 'position', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='PopularList',
            fields=[
                ('pk', models.CompositePrimaryKey('build_id', 'category', blank=True, editable=False, primary_key=True, serialize=False)),
                ('category', models.CharField(blank=True, max_length=300, verbose_name='category')),
                ('packed', models.BinaryField(verbose_name='items')),
                ('build', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='popular_lists', to='crosssell_recommendations.build')),
            ],
            options={
                'verbose_name': 'popular list',
                'verbose_name_plural': 'popular lists',
            },
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('kind', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='kind')),
                ('published_at', models.DateTimeField(verbose_name='published at')),
                ('published_by', models.CharField(blank=True, max_length=200, verbose_name='published by')),
                ('build', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='crosssell_recommendations.build', verbose_name='build')),
            ],
            options={
                'verbose_name': 'publication',
                'verbose_name_plural': 'publications',
            },
        ),
        migrations.CreateModel(
            name='SlotShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='What explanations call it, for example “Own brand”.', max_length=120, verbose_name='name')),
                ('condition', models.JSONField(verbose_name='products for which')),
                ('percent', models.PositiveSmallIntegerField(help_text='At least so many of the places go to the group, rounded down, as far as there are products of it to show.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='percent')),
                ('placement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='crosssell_recommendations.placement', verbose_name='placement')),
            ],
            options={
                'verbose_name': 'share of a group',
                'verbose_name_plural': 'shares of groups',
                'ordering': ('placement', 'pk'),
            },
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('price__gte', Decimal('-99999999999999.9')), ('price__lte', Decimal('99999999999999.9'))), ('price__isnull', True), _connector='OR'), name='crosssell_item_price'),
        ),
        migrations.AddConstraint(
            model_name='feedback',
            constraint=models.UniqueConstraint(fields=('customer', 'item'), name='crosssell_feedback_once'),
        ),
        migrations.AddConstraint(
            model_name='feedback',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('not_interested', 'more_like_this'))), name='crosssell_feedback_kind'),
        ),
        migrations.AddConstraint(
            model_name='exclusion',
            constraint=models.UniqueConstraint(fields=('item', 'companion'), name='crosssell_exclusion_once'),
        ),
        migrations.AddConstraint(
            model_name='exclusion',
            constraint=models.UniqueConstraint(condition=models.Q(('item__isnull', True)), fields=('companion',), name='crosssell_exclusion_everywhere_once'),
        ),
        migrations.AddConstraint(
            model_name='ladderstep',
            constraint=models.UniqueConstraint(fields=('item', 'upgrade'), name='crosssell_step_once'),
        ),
        migrations.AddConstraint(
            model_name='ladderstep',
            constraint=models.CheckConstraint(condition=models.Q(('item', models.F('upgrade')), _negated=True), name='crosssell_step_other'),
        ),
        migrations.AddConstraint(
            model_name='pairrules',
            constraint=models.CheckConstraint(condition=models.Q(('first_id__lt', models.F('second_id'))), name='crosssell_pair_rules_ascend'),
        ),
        migrations.AddConstraint(
            model_name='pin',
            constraint=models.UniqueConstraint(fields=('item', 'companion'), name='crosssell_pin_once'),
        ),
        migrations.AddConstraint(
            model_name='pin',
            constraint=models.CheckConstraint(condition=models.Q(('item', models.F('companion')), _negated=True), name='crosssell_pin_other'),
        ),
        migrations.AddConstraint(
            model_name='merchandising',
            constraint=models.CheckConstraint(condition=models.Q(('strength__gte', 1), ('strength__lte', 400)), name='crosssell_merchandising_strength'),
        ),
        migrations.AddConstraint(
            model_name='merchandising',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('boost', 'bury', 'hide'))), name='crosssell_merchandising_kind'),
        ),
        migrations.AddConstraint(
            model_name='placementpin',
            constraint=models.UniqueConstraint(fields=('placement', 'item'), name='crosssell_placement_pin_once'),
        ),
        migrations.AddConstraint(
            model_name='placementpin',
            constraint=models.CheckConstraint(condition=models.Q(('position__gte', 1), ('position__lte', 20)), name='crosssell_placement_pin_position'),
        ),
        migrations.AddConstraint(
            model_name='placementstep',
            constraint=models.UniqueConstraint(fields=('placement', 'strategy'), name='crosssell_source_once'),
        ),
        migrations.AddConstraint(
            model_name='placementstep',
            constraint=models.CheckConstraint(condition=models.Q(('position__gte', 1)), name='crosssell_source_position'),
        ),
        migrations.AddConstraint(
            model_name='slotshare',
            constraint=models.CheckConstraint(condition=models.Q(('percent__gte', 1), ('percent__lte', 100)), name='crosssell_share_percent'),
        ),
        migrations.RunPython(add_usual_placement, migrations.RunPython.noop),
    ]
